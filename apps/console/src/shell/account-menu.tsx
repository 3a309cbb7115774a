/** Top right: the theme, running jobs, and who is signed in. */
import { account, job } from "@holdfast/api";
import { ActionIcon, Button, Menu, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLoader, IconMoon, IconSun, IconUser } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useFollow } from "../ui/follow.tsx";
import type { LoadState } from "../ui/load-state.ts";
import { queryClient } from "./api.ts";
import { useAct, useListing } from "./queries.ts";
import { useMe } from "./session.tsx";
import styles from "./shell.module.css";

const BUSY_MS = 2_000;
const IDLE_MS = 30_000;

const SCHEMES = [
  { scheme: "auto", label: "As the system", icon: IconDeviceDesktop },
  { scheme: "light", label: "Light", icon: IconSun },
  { scheme: "dark", label: "Dark", icon: IconMoon },
] as const;

export function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = SCHEMES.find((choice) => choice.scheme === colorScheme)?.icon ?? IconDeviceDesktop;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label="Theme">
          <Icon size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(({ scheme, label, icon: SchemeIcon }) => (
          <Menu.Item
            key={scheme}
            leftSection={<SchemeIcon size={14} aria-hidden />}
            rightSection={scheme === colorScheme ? "chosen" : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** How many jobs run or wait, where any do; looked at more often while they do. */
export function JobsIndicator() {
  const [count, setCount] = useState(0);
  const everyMs = count > 0 ? BUSY_MS : IDLE_MS;
  const running = useListing(job.listJobs, { query: { state: "running", limit: 20 } }, { everyMs });
  const waiting = useListing(job.listJobs, { query: { state: "waiting", limit: 20 } }, { everyMs });
  const now = countOf(running.state) + countOf(waiting.state);
  useEffect(() => setCount(now), [now]);
  return (
    <a href="/jobs" className={styles.jobs} data-busy={now > 0}>
      <IconLoader size={16} aria-hidden />
      {now === 0 ? "No jobs" : `${now} ${now === 1 ? "job" : "jobs"}`}
    </a>
  );
}

function countOf(state: LoadState<readonly unknown[]>): number {
  return state.kind === "ready" ? state.value.length : 0;
}

export function AccountMenu() {
  const me = useMe();
  const follow = useFollow();
  const leave = useSignOut();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Button variant="subtle" color="gray" leftSection={<IconUser size={16} aria-hidden />}>
          {me.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.email ?? me.name}
          <br />
          {me.roles.join(", ") || "no role"}
        </Menu.Label>
        <Menu.Item onClick={() => follow("/account")}>My account</Menu.Item>
        <Menu.Item onClick={() => follow("/tokens")}>API tokens</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Ends the session and loads the sign-in page anew, so that nothing stays in memory. */
export function useSignOut(): () => Promise<void> {
  const { act } = useAct(account.signOut, { isLeaving: true });
  return async () => {
    await act({});
    queryClient.clear();
    location.assign("/sign-in");
  };
}
