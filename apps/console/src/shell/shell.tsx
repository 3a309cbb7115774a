/** The frame of every page behind the sign-in: marking, top line, navigation by pillar, Ctrl K, keys, and the page itself. */
import { registry, system } from "@holdfast/api";
import { ActionIcon, Button, useMantineColorScheme } from "@mantine/core";
import { IconKeyboard, IconMenu2, IconSearch } from "@tabler/icons-react";
import { Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { lazy, type MouseEvent, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { FollowContext } from "../ui/follow.tsx";
import { useHotkeys } from "../ui/hotkeys.ts";
import { MarkingBanner } from "../ui/marking-banner.tsx";
import { type RouteMark, RouteMarkContext } from "../ui/page.tsx";
import { AccountMenu, JobsIndicator, ThemeMenu, useSignOut } from "./account-menu.tsx";
import { api } from "./api.ts";
import { NAVIGATION, pageOf } from "./navigation.ts";
import { objectHref } from "./object-href.ts";
import { addEntries, type PaletteEntry, pageEntries, type PaletteSource } from "./palette-entries.ts";
import { useAnswer } from "./queries.ts";
import { SessionProvider, useMe } from "./session.tsx";
import styles from "./shell.module.css";

// dialogs are not part of the first page
const loadPalette = () => import("./palette.tsx");
const Palette = lazy(() => loadPalette().then((module) => ({ default: module.Palette })));
const KeyboardHints = lazy(() =>
  import("../ui/keyboard-hints.tsx").then((module) => ({ default: module.KeyboardHints })),
);

/** Makes links of blocks move within the program, and tells pages when the route has changed. Used by all pages, signed in or not. */
export function Frame({ children }: { children: ReactNode }) {
  const router = useRouter();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const mark = useRouteMark(path);
  const follow = useCallback((href: string) => router.history.push(href), [router]);
  const onClick = (event: MouseEvent) => {
    const href = ownHref(event);
    if (href === undefined) return;
    event.preventDefault();
    follow(href);
  };
  return (
    <FollowContext value={follow}>
      <RouteMarkContext value={mark}>
        <div onClick={onClick}>{children}</div>
      </RouteMarkContext>
    </FollowContext>
  );
}

function useRouteMark(path: string): RouteMark {
  const [mark, setMark] = useState<RouteMark>({ path, isFirst: true });
  if (mark.path === path) return mark;
  const next = { path, isFirst: false };
  setMark(next);
  return next;
}

/** Where a plain click on a link of this program leads; undefined when the browser shall do what it does with links. */
function ownHref(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return undefined;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const href = link?.getAttribute("href");
  if (!link || !href?.startsWith("/") || href.startsWith("//")) return undefined;
  if (link.hasAttribute("target") || link.hasAttribute("download") || /^\/(api|auth)\//.test(href)) return undefined;
  return href;
}

/** With `children` they are the page; otherwise the route says what is. */
export function Shell({ children = <Outlet /> }: { children?: ReactNode }) {
  return (
    <SessionProvider>
      <Signed>{children}</Signed>
    </SessionProvider>
  );
}

function Signed({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState<"palette" | "keys" | "menu">();
  const close = () => setOpened(undefined);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { actions } = useMe();
  const { state: node } = useAnswer(system.getNode, {});
  const entries = useEntries(() => setOpened("keys"));
  useHotkeys({ "?": () => setOpened("keys") });
  usePaletteKey(() => setOpened("palette"));
  useEffect(close, [path]);
  useEffect(() => void loadPalette(), []); // at hand before the first Ctrl K
  return (
    <div className={styles.shell}>
      <a href="#page" className={styles.skip}>
        Skip to the page
      </a>
      <div className={styles.top}>
        {node.kind === "ready" && node.value.demo && (
          <MarkingBanner
            markings={[
              {
                id: "demo",
                word: "DEMO",
                meaning: "organisations and links are synthetic; world production figures are published ones",
              },
            ]}
          />
        )}
        <header className={styles.header}>
          <ActionIcon
            variant="subtle"
            color="gray"
            className={styles.menuButton}
            aria-label="Navigation"
            aria-expanded={opened === "menu"}
            onClick={() => setOpened(opened === "menu" ? undefined : "menu")}
          >
            <IconMenu2 size={18} aria-hidden />
          </ActionIcon>
          <a href="/" className={styles.brand}>
            Holdfast
            {node.kind === "ready" && <span className={styles.node}>{node.value.organisationName}</span>}
          </a>
          <Button
            variant="default"
            className={styles.find}
            justify="space-between"
            leftSection={<IconSearch size={14} aria-hidden />}
            rightSection={<kbd aria-hidden>Ctrl K</kbd>}
            onClick={() => setOpened("palette")}
          >
            Find anything
          </Button>
          <div className={styles.tools}>
            {actions.includes("job:read") && <JobsIndicator />}
            <ActionIcon variant="subtle" color="gray" aria-label="Keys" onClick={() => setOpened("keys")}>
              <IconKeyboard size={16} aria-hidden />
            </ActionIcon>
            <ThemeMenu />
            <AccountMenu />
          </div>
        </header>
      </div>
      <Navigation path={path} isOpen={opened === "menu"} />
      <main id="page" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <Suspense>
        {opened === "palette" && <Palette opened onClose={close} entries={entries} source={searchRegistry} />}
        {opened === "keys" && <KeyboardHints opened onClose={close} />}
      </Suspense>
    </div>
  );
}

function Navigation({ path, isOpen }: { path: string; isOpen: boolean }) {
  const { actions } = useMe();
  const current = pageOf(path);
  return (
    <nav className={styles.navigation} aria-label="Pages" data-open={isOpen}>
      {NAVIGATION.map((group) => {
        const pages = group.pages.filter((page) => actions.includes(page.action));
        if (pages.length === 0) return null;
        return (
          <div key={group.label} className={styles.group}>
            <h2 title={group.question}>{group.label}</h2>
            <ul>
              {pages.map((page) => (
                <li key={page.href}>
                  <a href={page.href} aria-current={current === page ? "page" : undefined}>
                    {page.label}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

function useEntries(showKeys: () => void): readonly PaletteEntry[] {
  const { actions } = useMe();
  const { setColorScheme } = useMantineColorScheme();
  const leave = useSignOut();
  return [
    ...pageEntries(actions),
    ...addEntries(actions),
    { id: "theme dark", label: "Dark theme", detail: "action", do: { run: () => setColorScheme("dark") } },
    { id: "theme light", label: "Light theme", detail: "action", do: { run: () => setColorScheme("light") } },
    { id: "theme auto", label: "Theme as the system", detail: "action", do: { run: () => setColorScheme("auto") } },
    { id: "keys", label: "Show the keys", detail: "action", words: "shortcuts help", do: { run: showKeys } },
    { id: "api", label: "API reference", detail: "page", words: "openapi", do: { run: () => location.assign("/api") } },
    { id: "sign-out", label: "Sign out", detail: "action", words: "log out leave", do: { run: () => void leave() } },
  ];
}

const STATEMENT_ID = /^[0-9a-f]{64}$/;

const searchRegistry: PaletteSource = async (query, signal) => {
  if (query.length < 2) return [];
  if (STATEMENT_ID.test(query))
    return [{ id: query, label: "Statement", detail: `ledger, ${query}`, do: { href: `/prove/ledger/${query}` } }];
  const { body } = await api.call(registry.search, { query: { q: query, limit: 20 } }, { signal });
  return body.hits.flatMap((hit) => {
    const href = objectHref(hit.kind, hit.id);
    const detail = hit.match === hit.label ? `${hit.kind}, ${hit.detail}` : `${hit.kind}, ${hit.detail} (${hit.match})`;
    return href ? [{ id: `${hit.kind} ${hit.id}`, label: hit.label, detail, do: { href } }] : [];
  });
};

/** Ctrl or Cmd with K works everywhere, also in a field. */
function usePaletteKey(open: () => void): void {
  const latest = useMemo(() => ({ open }), []);
  useEffect(() => {
    latest.open = open;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      latest.open();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [latest]);
}
