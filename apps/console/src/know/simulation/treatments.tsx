/** What was done about facts that the registry doesn't have, with cases to start mending them. */
import type { simulation } from "@holdfast/api";
import { Section } from "../../ui/page.tsx";
import styles from "./simulation.module.css";

export function Treatments({ treatments }: { treatments: simulation.Answer["treatments"] }) {
  if (treatments.length === 0) return null;
  return (
    <Section title="What was assumed where facts are missing">
      <ul className={styles.treatments}>
        {treatments.map(({ code, text, count, examples }) => (
          <li key={code}>
            {text}. <strong>{count}</strong> {count === 1 ? "case" : "cases"}
            {examples.length > 0 && ": "}
            {examples.map(({ site, item }, i) => (
              <span key={`${site?.id} ${item?.id} ${i}`}>
                {i > 0 && ", "}
                {site && site.label !== "" ? <a href={`/know/sites/${site.id}?tab=makes`}>{site.label}</a> : "outside"}
                {item && item.label !== "" && <span className="dimmed"> ({item.label})</span>}
              </span>
            ))}
            {count > examples.length && examples.length > 0 && " …"}
          </li>
        ))}
      </ul>
    </Section>
  );
}
