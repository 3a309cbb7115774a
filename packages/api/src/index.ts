/** Contents of the HTTP contract: the form of a route, pages, problems, OpenAPI, and one module per capability. */
export {
  type Answer,
  type CallOptions,
  type Client,
  type ClientCode,
  type ClientOptions,
  createClient,
  CSRF_HEADER,
  forgoEval,
  type Upload,
} from "./client.ts";
export {
  COUNTRIES,
  designation,
  exchange,
  investment,
  isCountry,
  knowRoutes,
  mineral,
  registry,
  risk,
  riskRegister,
  simulation,
  siteMeasure,
  THREAT_TEXTS,
  THREATS,
  type ThreatCategory,
  threatCategory,
} from "./know/index.ts";
export { openApi } from "./openapi.ts";
export { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, page, pageQuery } from "./page.ts";
export { account, decision, job, people, platformRoutes, system, token } from "./platform/index.ts";
export { problemCodes, problemStatus } from "./problems.ts";
export { credential, custody, dossier, ledger, proveRoutes, thread } from "./prove/index.ts";
export { type Input, type Method, type Output, queryNames, type Route, route } from "./route.ts";
export { agreement, intel, intelDocument, intelObject, intelTouch } from "./share/index.ts";
