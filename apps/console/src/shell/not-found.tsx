/** What is shown at an address that leads nowhere: inside the shell for who is signed in, with ways on; a plain page otherwise. */
import { account } from "@holdfast/api";
import { useQuery } from "@tanstack/react-query";
import { EmptyState } from "../ui/notice.tsx";
import { Page } from "../ui/page.tsx";
import { api, isSignedOut, queryClient } from "./api.ts";
import { NAVIGATION } from "./navigation.ts";
import { PagePending } from "./page-pending.tsx";
import { meQuery, useMe } from "./session.tsx";
import { Shell } from "./shell.tsx";
import styles from "./not-found.module.css";

export function NotFound() {
  const { data, isPending } = useQuery({
    queryKey: ["who"],
    // nobody being signed in is an answer here, and no reason to ask for a password
    queryFn: async ({ signal }) => {
      try {
        const { body } = await api.call(account.getMe, {}, { signal });
        queryClient.setQueryData(meQuery.queryKey, body);
        return true;
      } catch (error) {
        if (isSignedOut(error)) return false;
        throw error;
      }
    },
    retry: false,
  });
  if (isPending) return <PagePending />;
  if (!data) return <Plain />;
  return (
    <Shell>
      <Ways />
    </Shell>
  );
}

const TITLE = "There is no such page";

function Plain() {
  return (
    <main>
      <Page title={TITLE}>
        <EmptyState what="The address leads nowhere." start={<a href="/">Sign in, or go to the overview</a>} />
      </Page>
    </main>
  );
}

function Ways() {
  const { actions } = useMe();
  return (
    <Page
      title={TITLE}
      meaning="The address leads nowhere: it may have been cut, or come from another version. Press Ctrl K to find a page or an object by its name."
    >
      <div className={styles.groups}>
        {NAVIGATION.map((group) => {
          const pages = group.pages.filter((page) => actions.includes(page.action));
          if (pages.length === 0) return null;
          return (
            <section key={group.label}>
              <h2>{group.label}</h2>
              {group.question && <p className="dimmed">{group.question}</p>}
              <ul className={styles.pages}>
                {pages.map((page) => (
                  <li key={page.href}>
                    <a href={page.href}>{page.label}</a>
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </div>
    </Page>
  );
}
