/** Rules of the STIX Cyber-observable Objects, STIX 2.1 section 6: properties, presence and values' own standards. */
import { parseNet } from "./address.ts";
import { below } from "./finding.ts";
import { isRecord } from "./object-type.ts";
import {
  binary,
  boolean,
  type Check,
  dictionary,
  enumeration,
  hex,
  integer,
  integerBetween,
  languageTag,
  list,
  notNegative,
  ref,
  string,
  timestamp,
  url,
  vocabulary,
} from "./property-check.ts";
import { hashes, ordered, structure, type StructureRule, type WholeCheck } from "./structure-check.ts";

const port = integerBetween(0, 65_535);
const endpoint = ref(["ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"]);

/** A string whose form `test` decides, unless the object says that it is defanged. */
function value(test: (text: string) => boolean, message: string): Check {
  return (text, path, scope) => {
    string(text, path, scope);
    if (typeof text === "string" && !scope.defanged && !test(text)) scope.report.error("format", path, message, text);
  };
}

function advised(form: RegExp, message: string): Check {
  return (text, path, scope) => {
    string(text, path, scope);
    if (typeof text === "string" && !form.test(text)) scope.report.warn("form", path, message, text);
  };
}

const mimeType = advised(
  /^(?:application|audio|example|font|haptics|image|message|model|multipart|text|video)\/[a-zA-Z0-9.+_-]+/,
  "expected a media type of the IANA registry",
);
const charset = value((text) => /^[a-zA-Z0-9/.+_:()-]{2,250}$/.test(text), "expected an IANA character set name");

/** RFC 1034 3.5 and RFC 5890: labels of letters, digits and hyphens, or Unicode letters in their place. */
const domainName: Check = (text, path, scope) => {
  string(text, path, scope);
  if (typeof text !== "string" || scope.defanged) return;
  if (!isDomainName(text)) scope.report.error("format", path, "expected a domain name (RFC 1034, RFC 5890)", text);
  else if (text.includes("_"))
    scope.report.warn("form", path, "`_` is no character of a host name (RFC 1034 3.5)", text);
};

function isDomainName(text: string): boolean {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  if (name === "" || name.length > 253) return false;
  return name
    .split(".")
    .every((label) => /^(?!-)(?:[\p{L}\p{M}\p{N}_\u{b7}-]|\u{200c}|\u{200d}){1,63}(?<!-)$/u.test(label));
}

/** RFC 5322 3.4.1 addr-spec, without display name and comments; RFC 6531 lets Unicode into both sides. */
function isAddrSpec(text: string): boolean {
  return (
    text.length <= 320 &&
    /^(?:[^\s"(),:;<>@[\\\]]+|"(?:[^"\\\r\n]|\\.)*")@(?:[^\s"(),:;<>@[\\\]]+|\[[^\s[\]\\]+\])$/.test(text) &&
    !/^\.|\.\.|\.@/.test(text)
  );
}

const CPE_COMPONENT = "(?:[a-zA-Z0-9\\-._?*~]|\\\\[!-/:-@[-`{-~])+";
const CPE_FORM = new RegExp(`^cpe:2\\.3:[aho*-](?::${CPE_COMPONENT}){10}$`);

const exclusivePayload: WholeCheck = (object, path, { report }) => {
  const [payload, link] = [object["payload_bin"], object["url"]];
  if (payload === undefined && link === undefined)
    report.error("required", path, "one of `payload_bin`, `url` is required");
  if (payload !== undefined && link !== undefined)
    report.error("exclusive", path, "`payload_bin` and `url` must not both be present");
  if (link !== undefined && object["hashes"] === undefined)
    report.error("required", below(path, "hashes"), "`hashes` is required with `url`");
  if (object["decryption_key"] !== undefined && object["encryption_algorithm"] === undefined)
    report.error("exclusive", below(path, "decryption_key"), "`decryption_key` needs `encryption_algorithm`");
};

const multipart: WholeCheck = (object, path, { report }) => {
  if (object["is_multipart"] === true && object["body"] !== undefined)
    report.error("exclusive", below(path, "body"), "`body` must not be used when `is_multipart` is true");
  if (object["is_multipart"] === false && object["body_multipart"] !== undefined)
    report.error(
      "exclusive",
      below(path, "body_multipart"),
      "`body_multipart` must not be used when `is_multipart` is false",
    );
};

const headerField: Check = (field, path, scope) => {
  if (typeof field === "string") scope.report.warn("form", path, "a header field is a list of strings", field);
  else list(string)(field, path, scope);
};

const mimePart = structure({
  oneOf: ["body", "body_raw_ref"],
  properties: {
    body: string,
    body_raw_ref: ref(["artifact", "file"]),
    content_type: string,
    content_disposition: string,
  },
});

const traffic: WholeCheck = (object, path, { report }) => {
  if (object["is_active"] === true && object["end"] !== undefined)
    report.error("exclusive", below(path, "end"), "`end` must not be present when `is_active` is true");
  for (const name of ["src_port", "dst_port"]) {
    if (object[name] === undefined) report.warn("recommended", below(path, name), `\`${name}\` should be given`);
  }
};

const ipfixValue: Check = (entry, path, scope) => {
  if (typeof entry !== "string" && !Number.isSafeInteger(entry))
    scope.report.error("type", path, "an IPFIX value is an integer or a string", entry);
};

/** At least one property besides the common ones; `names` are those that the type defines. */
function atLeastOne(names: readonly string[]): WholeCheck {
  return (object, path, { report }) => {
    const extended = isRecord(object["extensions"]) && Object.keys(object["extensions"]).length > 0;
    if (!extended && !names.some((name) => object[name] !== undefined))
      report.error("required", path, "at least one property of this object type is required");
  };
}

/** `name_enc` needs `name`, STIX 2.1 section 3.1. */
function encoded(name: string): WholeCheck {
  return (object, path, { report }) => {
    if (object[`${name}_enc`] !== undefined && object[name] === undefined)
      report.error("exclusive", below(path, `${name}_enc`), `\`${name}_enc\` needs \`${name}\``);
  };
}

const registryKey = value(
  (text) => !/^(?:HKLM|HKCC|HKCR|HKCU|HKU)(?:\\|$)/i.test(text),
  "the hive must be written in full, as in `HKEY_LOCAL_MACHINE`",
);

const registryValue = structure({
  oneOf: ["name", "data", "data_type"],
  properties: { name: string, data: string, data_type: enumeration("windows-registry-datatype-enum") },
});

const V3_STRINGS = [
  "basic_constraints",
  "name_constraints",
  "policy_constraints",
  "key_usage",
  "extended_key_usage",
  "subject_key_identifier",
  "authority_key_identifier",
  "subject_alternative_name",
  "issuer_alternative_name",
  "subject_directory_attributes",
  "crl_distribution_points",
  "inhibit_any_policy",
  "certificate_policies",
  "policy_mappings",
];
const v3Properties: Record<string, Check> = {
  ...Object.fromEntries(V3_STRINGS.map((name) => [name, string])),
  private_key_usage_period_not_before: timestamp,
  private_key_usage_period_not_after: timestamp,
};

const processProperties: Record<string, Check> = {
  is_hidden: boolean,
  pid: integer,
  created_time: timestamp,
  cwd: string,
  command_line: string,
  environment_variables: dictionary(string),
  opened_connection_refs: list(ref(["network-traffic"])),
  creator_user_ref: ref(["user-account"]),
  image_ref: ref(["file"]),
  parent_ref: ref(["process"]),
  child_refs: list(ref(["process"])),
};

const userAccountProperties: Record<string, Check> = {
  user_id: string,
  credential: string,
  account_login: string,
  account_type: vocabulary("account-type-ov"),
  display_name: string,
  is_service_account: boolean,
  is_privileged: boolean,
  can_escalate_privs: boolean,
  is_disabled: boolean,
  account_created: timestamp,
  account_expires: timestamp,
  credential_last_changed: timestamp,
  account_first_login: timestamp,
  account_last_login: timestamp,
};

const registryProperties: Record<string, Check> = {
  key: registryKey,
  values: list(registryValue),
  modified_time: timestamp,
  creator_user_ref: ref(["user-account"]),
  number_of_subkeys: integer,
};

const certificateProperties: Record<string, Check> = {
  is_self_signed: boolean,
  hashes,
  version: string,
  serial_number: string,
  signature_algorithm: string,
  issuer: string,
  validity_not_before: timestamp,
  validity_not_after: timestamp,
  subject: string,
  subject_public_key_algorithm: string,
  subject_public_key_modulus: string,
  subject_public_key_exponent: integer,
  x509_v3_extensions: structure({ oneOf: Object.keys(v3Properties), properties: v3Properties }),
};

export const SCO_RULES: Readonly<Record<string, StructureRule>> = {
  artifact: {
    properties: {
      mime_type: mimeType,
      payload_bin: binary,
      url,
      hashes,
      encryption_algorithm: enumeration("encryption-algorithm-enum"),
      decryption_key: string,
    },
    whole: [exclusivePayload],
  },
  "autonomous-system": { required: ["number"], properties: { number: integer, name: string, rir: string } },
  directory: {
    required: ["path"],
    properties: {
      path: string,
      path_enc: charset,
      ctime: timestamp,
      mtime: timestamp,
      atime: timestamp,
      contains_refs: list(ref(["file", "directory"])),
    },
    whole: [encoded("path")],
  },
  "domain-name": {
    required: ["value"],
    properties: { value: domainName, resolves_to_refs: list(ref(["ipv4-addr", "ipv6-addr", "domain-name"])) },
  },
  "email-addr": {
    required: ["value"],
    properties: {
      value: value(isAddrSpec, "expected an e-mail address without display name (RFC 5322 3.4.1)"),
      display_name: string,
      belongs_to_ref: ref(["user-account"]),
    },
  },
  "email-message": {
    required: ["is_multipart"],
    properties: {
      is_multipart: boolean,
      date: timestamp,
      content_type: string,
      from_ref: ref(["email-addr"]),
      sender_ref: ref(["email-addr"]),
      to_refs: list(ref(["email-addr"])),
      cc_refs: list(ref(["email-addr"])),
      bcc_refs: list(ref(["email-addr"])),
      message_id: string,
      subject: string,
      received_lines: list(string),
      additional_header_fields: dictionary(headerField),
      body: string,
      body_multipart: list(mimePart),
      raw_email_ref: ref(["artifact"]),
    },
    whole: [multipart],
  },
  file: {
    oneOf: ["hashes", "name"],
    properties: {
      hashes,
      size: notNegative,
      name: string,
      name_enc: charset,
      magic_number_hex: hex,
      mime_type: mimeType,
      ctime: timestamp,
      mtime: timestamp,
      atime: timestamp,
      parent_directory_ref: ref(["directory"]),
      contains_refs: list(ref()),
      content_ref: ref(["artifact"]),
    },
    whole: [encoded("name")],
  },
  "ipv4-addr": {
    required: ["value"],
    properties: {
      value: value((text) => parseNet(text)?.bits === 32, "expected an IPv4 address or CIDR net"),
      resolves_to_refs: list(ref(["mac-addr"])),
      belongs_to_refs: list(ref(["autonomous-system"])),
    },
  },
  "ipv6-addr": {
    required: ["value"],
    properties: {
      value: value((text) => parseNet(text)?.bits === 128, "expected an IPv6 address or CIDR net"),
      resolves_to_refs: list(ref(["mac-addr"])),
      belongs_to_refs: list(ref(["autonomous-system"])),
    },
  },
  "mac-addr": {
    required: ["value"],
    properties: {
      value: value(
        (text) => /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(text),
        "expected a MAC-48 address, lower case with colons",
      ),
    },
  },
  mutex: { required: ["name"], properties: { name: string } },
  "network-traffic": {
    required: ["protocols"],
    oneOf: ["src_ref", "dst_ref"],
    properties: {
      start: timestamp,
      end: timestamp,
      is_active: boolean,
      src_ref: endpoint,
      dst_ref: endpoint,
      src_port: port,
      dst_port: port,
      protocols: list(advised(/^[^A-Z\s]+$/, "protocol names are lower-case service names of the IANA registry")),
      src_byte_count: notNegative,
      dst_byte_count: notNegative,
      src_packets: notNegative,
      dst_packets: notNegative,
      ipfix: dictionary(ipfixValue),
      src_payload_ref: ref(["artifact"]),
      dst_payload_ref: ref(["artifact"]),
      encapsulates_refs: list(ref(["network-traffic"])),
      encapsulated_by_ref: ref(["network-traffic"]),
    },
    whole: [ordered("start", "end", { strict: false }), traffic],
  },
  process: { properties: processProperties, whole: [atLeastOne(Object.keys(processProperties))] },
  software: {
    required: ["name"],
    properties: {
      name: string,
      cpe: value((text) => text.length <= 1_000 && CPE_FORM.test(text), "expected a CPE 2.3 formatted string"),
      swid: string,
      languages: list(languageTag),
      vendor: string,
      version: string,
    },
  },
  url: { required: ["value"], properties: { value: url } },
  "user-account": { properties: userAccountProperties, whole: [atLeastOne(Object.keys(userAccountProperties))] },
  "windows-registry-key": { properties: registryProperties, whole: [atLeastOne(Object.keys(registryProperties))] },
  "x509-certificate": { properties: certificateProperties, whole: [atLeastOne(Object.keys(certificateProperties))] },
};
