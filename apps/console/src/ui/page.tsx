/**
 * A page, top to bottom: breadcrumbs, title with state and actions, one line that says what it means, then its content.
 * When the route changes, the h1 takes the focus and the title is announced; filters and tabs of the same page move nothing.
 */
import { createContext, type ReactNode, useContext, useEffect, useRef } from "react";
import { useAnnounce } from "./announcer.tsx";
import styles from "./page.module.css";

export interface Crumb {
  readonly label: string;
  readonly href: string;
}

export interface PageProps {
  readonly breadcrumbs?: readonly Crumb[];
  /** The question that the page answers, or the name of its object. */
  readonly title: string;
  /** A StateBadge, beside the title. */
  readonly state?: ReactNode;
  /** One line: what this page says and why it matters. */
  readonly meaning?: ReactNode;
  /** At most one of them primary. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** Which route is shown: its path without the search, and whether it is the first since the program was loaded. */
export interface RouteMark {
  readonly path: string;
  readonly isFirst: boolean;
}

export const RouteMarkContext = createContext<RouteMark>({ path: "", isFirst: true });

export function Page({ breadcrumbs = [], title, state, meaning, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const announce = useAnnounce();
  const { path, isFirst } = useContext(RouteMarkContext);
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
  }, [path, isFirst]);
  useEffect(() => {
    document.title = `${title} · Holdfast`;
    if (!isFirst) announce(title);
  }, [title, path, isFirst, announce]);
  return (
    <article className={styles.page}>
      {breadcrumbs.length > 0 && (
        <nav aria-label="Breadcrumbs">
          <ol className={styles.crumbs}>
            {breadcrumbs.map((crumb) => (
              <li key={crumb.href}>
                <a href={crumb.href}>{crumb.label}</a>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <header className={styles.header}>
        <div className={styles.heading}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {state}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {meaning && <p className={styles.meaning}>{meaning}</p>}
      {children}
    </article>
  );
}

/** A part of a page under its own h2. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <div className={styles.sectionHeader}>
        <h2>{title}</h2>
        {aside && <div className={styles.aside}>{aside}</div>}
      </div>
      {children}
    </section>
  );
}
