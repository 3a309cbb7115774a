/** One valid object of every type that STIX 2.1 defines, and makers of those that tests change most. */
import { idOf, observable, observed, versioned, without } from "./sample.ts";

type Json = Record<string, unknown>;

export const indicator = (own: Json = {}): Json =>
  versioned("indicator", {
    name: "n",
    description: "d",
    indicator_types: ["benign"],
    pattern: "[url:value = 'http://a.example/']",
    pattern_type: "stix",
    valid_from: "2024-01-01T00:00:00Z",
    ...own,
  });
export const identity = (own: Json = {}): Json => versioned("identity", { name: "n", ...own });
export const relationship = (own: Json = {}): Json =>
  versioned("relationship", {
    relationship_type: "indicates",
    source_ref: idOf("indicator"),
    target_ref: idOf("malware"),
    ...own,
  });
export const sighting = (own: Json = {}): Json => versioned("sighting", { sighting_of_ref: idOf("indicator"), ...own });
export const marking = (own: Json = {}): Json =>
  without(
    versioned("marking-definition", { definition_type: "statement", definition: { statement: "s" }, ...own }),
    "modified",
  );
export const traffic = (own: Json = {}): Json =>
  observable("network-traffic", { protocols: ["tcp"], src_ref: idOf("ipv4-addr"), src_port: 1, dst_port: 2, ...own });
export const extension = (type: string): Json => ({
  extensions: { [idOf("extension-definition")]: { extension_type: type } },
});

export function everyType(): Json[] {
  return [
    versioned("attack-pattern", { name: "n", kill_chain_phases: [{ kill_chain_name: "k", phase_name: "p" }] }),
    versioned("campaign", { name: "n", first_seen: "2024-01-01T00:00:00Z", last_seen: "2024-01-01T00:00:00Z" }),
    versioned("course-of-action", { name: "n" }),
    versioned("grouping", { context: "unspecified", object_refs: [idOf("note")] }),
    identity({ identity_class: "organization", sectors: ["manufacturing"], lang: "de-AT" }),
    versioned("incident", { name: "n" }),
    indicator(),
    versioned("infrastructure", { name: "n", infrastructure_types: ["control-system"] }),
    versioned("intrusion-set", { name: "n", resource_level: "team" }),
    versioned("location", { latitude: 48.2, longitude: 16.4, precision: 100.5, country: "AT" }),
    versioned("malware", { is_family: false, sample_refs: [idOf("file")] }),
    versioned("malware-analysis", { product: "p", result: "benign", sample_ref: idOf("artifact") }),
    versioned("note", { content: "c", object_refs: [idOf("relationship")] }),
    observed(1, [
      { type: "ipv4-addr", value: "198.51.100.3" },
      { type: "url", value: "http://a.example/" },
    ]),
    versioned("opinion", { opinion: "agree", object_refs: [idOf("note")] }),
    versioned("report", { name: "n", published: "2024-01-01T00:00:00Z", object_refs: [idOf("note")] }),
    versioned("threat-actor", { name: "n", threat_actor_types: ["spy"], roles: ["director"] }),
    versioned("tool", { name: "n", tool_types: ["remote-access"] }),
    versioned("vulnerability", {
      name: "n",
      external_references: [{ source_name: "cve", external_id: "CVE-2024-12345" }],
    }),
    relationship(),
    sighting({ count: 0, where_sighted_refs: [idOf("location")], observed_data_refs: [idOf("observed-data")] }),
    observable("artifact", { payload_bin: "AAEC", mime_type: "image/png" }),
    observable("autonomous-system", { number: 15139 }),
    observable("directory", { path: "/tmp", contains_refs: [idOf("file")] }),
    observable("domain-name", { value: "bücher.example" }),
    observable("email-addr", { value: "a.b@example.org" }),
    observable("email-message", { is_multipart: false, body: "b", from_ref: idOf("email-addr") }),
    observable("file", { name: "n", hashes: { MD5: "0".repeat(32) }, extensions: { "ntfs-ext": { sid: "1" } } }),
    observable("ipv4-addr", { value: "198.51.100.0/24" }),
    observable("ipv6-addr", { value: "2001:db8::1" }),
    observable("mac-addr", { value: "d2:fb:49:24:37:18" }),
    observable("mutex", { name: "n" }),
    traffic({ extensions: { "tcp-ext": { src_flags_hex: "00000002" } } }),
    observable("process", { pid: 1, environment_variables: { PATH: "/bin" } }),
    observable("software", { name: "n", cpe: "cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*", languages: ["en"] }),
    observable("url", { value: "https://a.example/x?y=%20" }),
    observable("user-account", { user_id: "1001", account_type: "unix" }),
    observable("windows-registry-key", { key: "HKEY_LOCAL_MACHINE\\a", values: [{ name: "", data_type: "REG_SZ" }] }),
    observable("x509-certificate", { serial_number: "1", x509_v3_extensions: { key_usage: "k" } }),
    versioned("language-content", { object_ref: idOf("identity"), contents: { de: { name: "N" } } }),
    marking(),
    versioned("extension-definition", {
      name: "n",
      schema: "s",
      version: "1.0.0",
      extension_types: ["new-sdo"],
      created_by_ref: idOf("identity"),
    }),
  ];
}
