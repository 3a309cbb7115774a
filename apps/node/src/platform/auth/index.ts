/** Contents of auth: who someone is, how they prove it, and how long that holds. What they may do is decided by access. */
export { type Auth, authMigrations, openAuth } from "./auth.ts";
export { setUpPath } from "./set-up-link.ts";
