/** A Problem as people read it: its message, and what to do now. */
import { Problem } from "@holdfast/kernel";
import type { Failure } from "../ui/load-state.ts";

const NEXT_STEPS: Readonly<Record<string, string>> = {
  "client/unreachable": "Check the network and that the node runs, then try again.",
  "client/unexpected-answer":
    "Reload the page: the console may be older than its node. If it stays, tell whoever runs the node.",
  "access/denied": "Ask an administrator of this node for a role that allows it.",
  "access/forged": "Reload the page and do it again.",
  "account/sign-in-failed":
    "Check the address and the password. Ask an administrator for a new set-up link if you lost your way in.",
  "account/too-many-attempts": "Wait some minutes, then try again.",
  "account/set-up-link-invalid": "Ask whoever gave you the link for a new one.",
  "http/precondition-failed":
    "Someone changed it since you opened it. Reload the page, look at it, and make your change again.",
  "http/too-many-requests": "Wait a minute, then try again.",
  "http/not-found": "Check the address, or search for it with Ctrl K.",
  "registry/not-found":
    "It may never have existed, not have been known yet, or be hidden from you. Search for it with Ctrl K.",
  "http/body-too-large": "Send less at once: divide the file.",
  "http/unavailable": "The node is busy or stopping. Wait a moment, then try again.",
  "people/last-admin": "Make someone else an administrator first.",
};

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Problem))
    return {
      code: "console/fault",
      message: error instanceof Error ? error.message : "this page stopped on a fault of its own",
      nextStep: "Reload the page. If it stays, tell whoever runs the node what you did.",
    };
  const reference = error.detail["instance"];
  return {
    code: error.code,
    message: error.message,
    nextStep: NEXT_STEPS[error.code] ?? nextStepByStatus(error.detail["status"]),
    ...(typeof reference === "string" ? { reference } : {}),
  };
}

function nextStepByStatus(status: unknown): string {
  if (typeof status !== "number") return "Try again. If it stays, tell whoever runs the node.";
  if (status >= 500) return "Give the reference below to whoever runs the node: its log has the cause.";
  if (status === 409) return "Reload the page to see how things stand now.";
  if (status === 404) return "Search for it with Ctrl K.";
  if (status === 429) return "Wait a minute, then try again.";
  return "Correct what is named and send it again.";
}

/**
 * What is wrong with which field of a form, by the body's path; what belongs to no field is under "". A body that breaks its
 * schema has `issues`, one that breaks a rule has its `path`, and one that breaks several has all of them in `faults`.
 */
export function fieldErrors(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof Problem)) return {};
  const { issues, faults, path } = error.detail;
  const told = [...listOf(issues), ...listOf(faults), { path, message: error.message }];
  const errors: Record<string, string> = {};
  for (const one of told) {
    if (typeof one !== "object" || one === null) continue;
    const { path: at, message } = one as { path?: unknown; message?: unknown }; // checked on the next line
    if (typeof at === "string" && typeof message === "string")
      errors[at.replace(/^body\.?/, "")] ??= message.replaceAll("`", "");
  }
  return errors;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
