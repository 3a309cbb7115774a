/** What is shown instead of a page that could not be: the failure, its code and what to do, with the way back intact. */
import { useRouter } from "@tanstack/react-router";
import { Failed } from "../ui/notice.tsx";
import { Page } from "../ui/page.tsx";
import { failureOf } from "./failure.ts";

export function RouteError({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <main>
      <Page title="This page could not be shown">
        <Failed failure={failureOf(error)} retry={() => void router.invalidate()} />
      </Page>
    </main>
  );
}
