/** Adding a registry object of any kind; what is known of it already stands in the address. */
import { registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useRefusal } from "../../shell/session.tsx";
import { EmptyState, Forbidden } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { aKind, KIND_LISTS } from "./kind-routes.ts";
import { RecordForm } from "./record-form.tsx";

const route = getRouteApi("/shell/know/add/$kind");

export function AddPage() {
  const kind = registry.objectKind.safeParse(route.useParams().kind).data;
  const known = route.useSearch();
  const refusal = useRefusal("registry:write");
  if (!kind)
    return (
      <Page title="There is no such kind of object">
        <EmptyState
          what={`The registry holds ${registry.OBJECT_KINDS.join(", ")}.`}
          start={<a href="/know/sites">Sites</a>}
        />
      </Page>
    );
  return (
    <Page
      breadcrumbs={[listOf(kind)]}
      title={`Add ${aKind(kind)}`}
      meaning="What you leave blank is unknown, never zero. Everything can be changed later, and every version stays."
    >
      {refusal === undefined ? <RecordForm key={kind} kind={kind} initial={known} /> : <Forbidden why={refusal} />}
    </Page>
  );
}

function listOf(kind: registry.ObjectKind): { label: string; href: string } {
  return kind in KIND_LISTS ? KIND_LISTS[kind as keyof typeof KIND_LISTS] : KIND_LISTS.site; // just looked for
}
