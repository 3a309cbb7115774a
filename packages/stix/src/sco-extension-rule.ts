/** Rules of the predefined extensions of observables, STIX 2.1 sections 6.7, 6.12, 6.13 and 6.16, by extension key. */
import {
  anyValue,
  binary,
  boolean,
  type Check,
  dictionary,
  enumeration,
  float,
  hex,
  integer,
  list,
  notNegative,
  ref,
  secondTimestamp,
  string,
  vocabulary,
} from "./property-check.ts";
import { hashes, structure } from "./structure-check.ts";

const alternateDataStream = structure({
  required: ["name"],
  properties: { name: string, hashes, size: notNegative },
});

const exifValue: Check = (value, path, scope) => {
  if (typeof value !== "string" && !Number.isSafeInteger(value))
    scope.report.error("type", path, "an EXIF value is an integer or a string", value);
};

/** Values under `dictionary` need at least one property of the extension, STIX 2.1 sections 6.7.2 to 6.16. */
function withAtLeastOne(
  names: readonly string[],
  rule: { required?: readonly string[]; properties: Record<string, Check> },
): Check {
  return structure({ ...rule, oneOf: names });
}

const OPTIONAL_HEADER_INTEGERS = [
  "major_linker_version",
  "minor_linker_version",
  "address_of_entry_point",
  "base_of_code",
  "base_of_data",
  "image_base",
  "section_alignment",
  "file_alignment",
  "major_os_version",
  "minor_os_version",
  "major_image_version",
  "minor_image_version",
  "major_subsystem_version",
  "minor_subsystem_version",
  "number_of_rva_and_sizes",
];
const OPTIONAL_HEADER_SIZES = [
  "size_of_code",
  "size_of_initialized_data",
  "size_of_uninitialized_data",
  "size_of_image",
  "size_of_headers",
  "size_of_stack_reserve",
  "size_of_stack_commit",
  "size_of_heap_reserve",
  "size_of_heap_commit",
];
const OPTIONAL_HEADER_HEX = [
  "magic_hex",
  "win32_version_value_hex",
  "checksum_hex",
  "subsystem_hex",
  "dll_characteristics_hex",
  "loader_flags_hex",
];

const optionalHeaderProperties: Record<string, Check> = {
  ...Object.fromEntries(OPTIONAL_HEADER_INTEGERS.map((name) => [name, integer])),
  ...Object.fromEntries(OPTIONAL_HEADER_SIZES.map((name) => [name, notNegative])),
  ...Object.fromEntries(OPTIONAL_HEADER_HEX.map((name) => [name, hex])),
  hashes,
};

const peSection = structure({
  required: ["name"],
  properties: { name: string, size: notNegative, entropy: float, hashes },
});

const peProperties: Record<string, Check> = {
  imphash: string,
  machine_hex: hex,
  number_of_sections: notNegative,
  time_date_stamp: secondTimestamp,
  pointer_to_symbol_table_hex: hex,
  number_of_symbols: notNegative,
  size_of_optional_header: notNegative,
  characteristics_hex: hex,
  file_header_hashes: hashes,
  optional_header: withAtLeastOne(Object.keys(optionalHeaderProperties), { properties: optionalHeaderProperties }),
  sections: list(peSection),
};

const FILE_EXTENSIONS: Readonly<Record<string, Check>> = {
  "archive-ext": structure({
    required: ["contains_refs"],
    properties: { contains_refs: list(ref(["file", "directory"])), comment: string },
  }),
  "ntfs-ext": withAtLeastOne(["sid", "alternate_data_streams"], {
    properties: { sid: string, alternate_data_streams: list(alternateDataStream) },
  }),
  "pdf-ext": withAtLeastOne(["version", "is_optimized", "document_info_dict", "pdfid0", "pdfid1"], {
    properties: {
      version: string,
      is_optimized: boolean,
      document_info_dict: dictionary(string),
      pdfid0: string,
      pdfid1: string,
    },
  }),
  "raster-image-ext": withAtLeastOne(["image_height", "image_width", "bits_per_pixel", "exif_tags"], {
    properties: {
      image_height: integer,
      image_width: integer,
      bits_per_pixel: integer,
      exif_tags: dictionary(exifValue),
    },
  }),
  "windows-pebinary-ext": withAtLeastOne(Object.keys(peProperties), {
    required: ["pe_type"],
    properties: { pe_type: vocabulary("windows-pebinary-type-ov"), ...peProperties },
  }),
};

const socketOptionName = /^(?:SO|ICMP|ICMP6|IP|IPV6|MCAST|TCP|IRLMP)(?:_[A-Z0-9]+)+$/;

const socketOptions: Check = dictionary(integer, (name, path, report) => {
  if (!socketOptionName.test(name))
    report.warn("form", path, "expected the case-preserved name of a socket option", name);
});

const NETWORK_TRAFFIC_EXTENSIONS: Readonly<Record<string, Check>> = {
  "http-request-ext": structure({
    required: ["request_method", "request_value"],
    properties: {
      request_method: string,
      request_value: string,
      request_version: string,
      request_header: dictionary(list(string)),
      message_body_length: integer,
      message_body_data_ref: ref(["artifact"]),
    },
  }),
  "icmp-ext": structure({
    required: ["icmp_type_hex", "icmp_code_hex"],
    properties: { icmp_type_hex: hex, icmp_code_hex: hex },
  }),
  "socket-ext": structure({
    required: ["address_family"],
    properties: {
      address_family: enumeration("network-socket-address-family-enum"),
      is_blocking: boolean,
      is_listening: boolean,
      options: socketOptions,
      socket_type: enumeration("network-socket-type-enum"),
      socket_descriptor: notNegative,
      socket_handle: integer,
    },
  }),
  "tcp-ext": withAtLeastOne(["src_flags_hex", "dst_flags_hex"], {
    properties: { src_flags_hex: hex, dst_flags_hex: hex },
  }),
};

const PROCESS_PROPERTIES: Record<string, Check> = {
  aslr_enabled: boolean,
  dep_enabled: boolean,
  priority: string,
  owner_sid: string,
  window_title: string,
  startup_info: dictionary((value, path, scope) => {
    if (value !== null) anyValue(value, path, scope); // lpReserved is NULL in the STARTUPINFO struct
  }),
  integrity_level: enumeration("windows-integrity-level-enum"),
};

const SERVICE_PROPERTIES: Record<string, Check> = {
  service_name: string,
  descriptions: list(string),
  display_name: string,
  group_name: string,
  start_type: enumeration("windows-service-start-type-enum"),
  service_dll_refs: list(ref(["file"])),
  service_type: enumeration("windows-service-type-enum"),
  service_status: enumeration("windows-service-status-enum"),
};

const PROCESS_EXTENSIONS: Readonly<Record<string, Check>> = {
  "windows-process-ext": withAtLeastOne(Object.keys(PROCESS_PROPERTIES), { properties: PROCESS_PROPERTIES }),
  "windows-service-ext": withAtLeastOne(Object.keys(SERVICE_PROPERTIES), { properties: SERVICE_PROPERTIES }),
};

const USER_ACCOUNT_EXTENSIONS: Readonly<Record<string, Check>> = {
  "unix-account-ext": withAtLeastOne(["gid", "groups", "home_dir", "shell"], {
    properties: { gid: integer, groups: list(string), home_dir: string, shell: string },
  }),
};

/** Predefined extensions by object type, then by extension key. */
export const PREDEFINED_EXTENSIONS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  file: FILE_EXTENSIONS,
  "network-traffic": NETWORK_TRAFFIC_EXTENSIONS,
  process: PROCESS_EXTENSIONS,
  "user-account": USER_ACCOUNT_EXTENSIONS,
};

/** Properties whose names promise a type, STIX 2.1 section 3.1; checked where no rule table names the property. */
export function suffixCheck(name: string): Check | undefined {
  if (name.endsWith("_bin")) return binary;
  if (name.endsWith("_hex")) return hex;
  return undefined;
}
