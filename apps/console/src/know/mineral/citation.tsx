/** Where production figures come from, with the way to the source. */
import type { mineral } from "@holdfast/api";

export function Citation({ citation }: { citation: mineral.Mineral["citation"] }) {
  return (
    <>
      {citation.publisher}, {citation.title}, {citation.year},{" "}
      <a href={`https://doi.org/${citation.doi}`} rel="noreferrer" target="_blank">
        doi:{citation.doi}
      </a>
      , {citation.licence}.
    </>
  );
}
