/**
 * Sessions of browsers. The cookie is an opaque secret; the database keeps its hash. A session ends when it was not used
 * for `sessionHours`, after seven days at the latest, and at once when it is revoked or its person is disabled.
 */
import { Problem, uuid7 } from "@holdfast/kernel";
import { type AuthParts, authDb, DAY, HOUR, later, MINUTE, SECOND } from "./parts.ts";
import { noteSignIn } from "./person-store.ts";
import { newSecret, secretHash } from "./secret.ts";
import {
  addSession,
  dropOldestSessions,
  dropSessionByHash,
  findSession,
  type Session,
  slideSession,
} from "./session-store.ts";
import type { AuthTx, Person, SessionMethod } from "./tables.ts";

export const SESSION_COOKIE = "holdfast_session";
export const SESSION_DAYS_MAX = 7; // however much it is used
const SESSIONS_PER_PERSON_MAX = 50; // the oldest ends for the newest
const USE_NOTED_FOR = MINUTE; // a busy session is written to once a minute, not once a request
const USER_AGENT_LENGTH_MAX = 300;

/** Who asks for a session, as far as it is shown to the person later. */
export interface Visitor {
  readonly userAgent: string;
  readonly address: string;
  /** The session cookie that came with the request; its session ends when the new one starts. */
  readonly cookie: string | undefined;
}

export interface StartedSession {
  readonly person: Person;
  readonly session: Session;
  /** The secret for the cookie. */
  readonly cookie: string;
  readonly cookieSeconds: number;
}

/**
 * Starts a session in `tx`, which holds the person's row, so that a disabling at the same time is seen or sees this.
 * @throws Problem `account/disabled`
 */
export async function startSession(
  tx: AuthTx,
  parts: AuthParts,
  start: { person: Person; method: SessionMethod; visitor: Visitor },
): Promise<StartedSession> {
  const { person, method, visitor } = start;
  if (person.state === "disabled")
    throw new Problem("account/disabled", "this account is disabled: ask an admin of this node");
  const now = parts.ports.clock.now();
  const cookie = newSecret(parts.ports.random);
  const endsAtLatest = later(now, SESSION_DAYS_MAX * DAY);
  const session: Session = {
    id: uuid7(parts.ports),
    personId: person.id,
    method,
    createdAt: now,
    lastUsedAt: now,
    endsAt: slidEnd(parts, now, endsAtLatest),
    endsAtLatest,
    userAgent: visitor.userAgent.slice(0, USER_AGENT_LENGTH_MAX),
    address: visitor.address,
  };
  if (visitor.cookie !== undefined) await dropSessionByHash(tx, secretHash(visitor.cookie));
  await addSession(tx, { ...session, hash: secretHash(cookie) });
  await dropOldestSessions(tx, person.id, SESSIONS_PER_PERSON_MAX);
  await noteSignIn(tx, person.id, now);
  parts.log.info({ personId: person.id, method }, "signed in");
  return { person, session, cookie, cookieSeconds: (SESSION_DAYS_MAX * DAY) / SECOND };
}

/** The live session of a cookie and its person. Using it moves its end. */
export async function useSession(
  parts: AuthParts,
  cookie: string,
): Promise<{ session: Session; person: Person } | undefined> {
  const now = parts.ports.clock.now();
  const found = await findSession(parts.database.pool, secretHash(cookie), now);
  if (!found || now.getTime() - found.session.lastUsedAt.getTime() < USE_NOTED_FOR) return found;
  const endsAt = slidEnd(parts, now, found.session.endsAtLatest);
  await slideSession(authDb(parts), found.session.id, { lastUsedAt: now, endsAt });
  return { person: found.person, session: { ...found.session, lastUsedAt: now, endsAt } };
}

function slidEnd(parts: AuthParts, now: Date, latest: Date): Date {
  const slid = later(now, parts.config.sessionHours * HOUR);
  return slid < latest ? slid : latest;
}
