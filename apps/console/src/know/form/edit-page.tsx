/** Editing a registry object of any kind, from its present values or from those of an older version. */
import { registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { EmptyState, Forbidden, Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { type AnyObject, KIND_ROUTES, nameOf, shownAt } from "./kind-routes.ts";
import { RecordForm } from "./record-form.tsx";

const route = getRouteApi("/shell/know/edit/$kind/$id");

export function EditPage() {
  const { kind: word, id } = route.useParams();
  const { version } = route.useSearch();
  const kind = registry.objectKind.safeParse(word).data;
  if (!kind)
    return (
      <Page title="There is no such kind of object">
        <EmptyState what="The address leads nowhere." start={<a href="/know/sites">Sites</a>} />
      </Page>
    );
  return <Edit key={`${kind} ${id}`} kind={kind} id={id} version={version} />;
}

function Edit({ kind, id, version }: { kind: registry.ObjectKind; id: string; version: string | undefined }) {
  const routes = KIND_ROUTES[kind];
  const refusal = useRefusal("registry:write");
  const { state, etag } = useAnswer(routes.get, { params: { id }, body: undefined });
  const older = useAnswer(
    routes.history,
    { params: { id }, query: { after: String(Number(version) + 1), limit: 1 }, body: undefined },
    { isOff: version === undefined },
  );
  const object = state.kind === "ready" ? (state.value as Answered) : undefined; // what every kind answers
  const name = object ? nameOf(kind, object, object.labels) : kind;
  return (
    <Page
      breadcrumbs={object ? [{ label: name, href: shownAt(kind, object) }] : []}
      title={`Edit ${name}`}
      meaning={
        version === undefined
          ? "The values of now stay as an older version, with their evidence."
          : `These are the values of version ${version}. Saving them makes a new version; nothing is overwritten.`
      }
    >
      {refusal !== undefined ? (
        <Forbidden why={refusal} />
      ) : (
        <Loaded state={version === undefined ? state : older.state} lines={8}>
          {(loaded) => {
            if (!object || etag === undefined) return null;
            if (object.state !== "active")
              return (
                <EmptyState
                  what={`It is ${object.state}: only what is in use can be edited.`}
                  start={<a href={shownAt(kind, object)}>Back to it</a>}
                />
              );
            const [held] = version === undefined ? [object] : (loaded as { items: readonly AnyObject[] }).items; // as the route says
            return <RecordForm kind={kind} initial={held ?? object} edited={{ id, etag, body: object }} />;
          }}
        </Loaded>
      )}
    </Page>
  );
}

type Answered = AnyObject & {
  readonly state: (typeof registry.OBJECT_STATES)[number];
  readonly labels: Readonly<Record<string, string>>;
};
