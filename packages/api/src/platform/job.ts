/** Long work as people see it: state, percent, result, cancel. */
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";

const tag = "platform/job";

export const JOB_STATES = ["waiting", "running", "succeeded", "failed", "cancelled"] as const;

export const job = z.object({
  id: z.uuid(),
  kind: z.string(),
  title: z.string(),
  state: z.enum(JOB_STATES),
  /** 0 to 1. */
  fraction: z.number(),
  detail: z.string(),
  result: z.unknown().nullable(),
  problem: z.object({ code: z.string(), message: z.string(), detail: z.record(z.string(), z.unknown()) }).nullable(),
  cancelRequested: z.boolean(),
  startedByName: z.string(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
});
export type Job = z.output<typeof job>;

export const jobProblems = {
  "job/not-found": 404,
  "job/already-ended": 409,
  "job/failed": 500,
  "job/cancelled": 409,
} as const;

const jobParams = z.object({ jobId: z.uuid() });

export const listJobs = route({
  id: "listJobs",
  method: "GET",
  path: "/api/platform/jobs",
  tag,
  summary: "Jobs, newest first; a person sees their own, an admin sees all",
  action: "job:read",
  query: pageQuery.extend({ state: z.enum(JOB_STATES).optional(), kind: z.string().max(100).optional() }),
  status: 200,
  answer: page(job),
});

export const getJob = route({
  id: "getJob",
  method: "GET",
  path: "/api/platform/jobs/:jobId",
  tag,
  summary: "One job with its progress and, when it has ended, its result",
  action: "job:read",
  params: jobParams,
  status: 200,
  answer: job,
});

export const cancelJob = route({
  id: "cancelJob",
  method: "POST",
  path: "/api/platform/jobs/:jobId/cancel",
  tag,
  summary: "Asks a job to stop; what it had not committed is undone",
  action: "job:cancel",
  params: jobParams,
  status: 202,
  answer: job,
});

export const jobRoutes = [listJobs, getJob, cancelJob] as const;
