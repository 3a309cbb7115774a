/**
 * Rules of the standard's prose that concern one event and that no schema states, and the syntax of its identifiers.
 * They never decide valid or invalid: a document that the schema takes stays valid, and says here what is odd about it.
 * Rules over several events are the custody package's.
 */
import { compareDecimals, decimalOf, isNumeric } from "./decimal.ts";
import { type ExactJson, type ExactObject, isObject } from "./event.ts";
import { idProblem } from "./identifier.ts";
import { instantMs, isDateTime, isDateTimeStamp } from "./instant.ts";
import { type Issue, under } from "./issue.ts";
import { hasUndeclaredPrefix, type Namespaces, redefinedPrefixes } from "./namespaces.ts";
import { report, shown } from "./schema-values.ts";

/** What is odd about an event that the schema takes; `path` is where it stands. */
export function checkMeaning(event: ExactObject, namespaces: Namespaces, path: string, issues: Issue[]): void {
  checkIds(event, path, issues);
  checkPrefixes(event, namespaces, path, issues);
  checkTimes(event, path, issues);
  checkQuantities(event, path, issues);
  checkSensors(event["sensorElementList"], under(path, "sensorElementList"), issues);
  const { type, action, parentID } = event;
  if (type === "AggregationEvent" && parentID === undefined && action !== "OBSERVE")
    report(issues, path, "parent", "an aggregation of action ADD or DELETE names its `parentID`", "semantic");
  if (type === "TransformationEvent") checkTransformation(event, path, issues);
}

const ID_LISTS = ["epcList", "childEPCs", "inputEPCList", "outputEPCList"];
const QUANTITY_LISTS = ["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"];

function checkIds(event: ExactObject, path: string, issues: Issue[]): void {
  const check = (value: ExactJson | undefined, where: () => string) => {
    const why = typeof value === "string" ? idProblem(value) : undefined;
    if (why !== undefined) report(issues, where(), "gs1-id", `${shown(value)}: ${why}`, "identifier");
  };
  check(event["parentID"], () => under(path, "parentID"));
  for (const name of ID_LISTS) listOf(event[name]).forEach((id, i) => check(id, () => under(under(path, name), i)));
  for (const name of QUANTITY_LISTS)
    listOf(event[name]).forEach((item, i) =>
      check(isObject(item) ? item["epcClass"] : undefined, () => `${path}/${name}/${i}/epcClass`),
    );
  for (const name of ["readPoint", "bizLocation"]) {
    const place = event[name];
    check(isObject(place) ? place["id"] : undefined, () => `${path}/${name}/id`);
  }
  for (const [name, member] of [
    ["sourceList", "source"],
    ["destinationList", "destination"],
  ] as const)
    listOf(event[name]).forEach((item, i) =>
      check(isObject(item) ? item[member] : undefined, () => `${path}/${name}/${i}/${member}`),
    );
}

function checkPrefixes(event: ExactObject, namespaces: Namespaces, path: string, issues: Issue[]): void {
  for (const prefix of redefinedPrefixes(event["@context"]))
    report(
      issues,
      under(path, "@context"),
      "prefix",
      `\`${prefix}\` is protected and cannot mean something else`,
      "semantic",
    );
  for (const holder of [event, event["ilmd"]])
    if (isObject(holder))
      for (const name in holder)
        if (hasUndeclaredPrefix(name, namespaces))
          report(issues, under(path, name), "prefix", `the prefix of ${shown(name)} is not declared`, "semantic");
}

function checkTimes(event: ExactObject, path: string, issues: Issue[]): void {
  for (const name of ["eventTime", "recordTime"]) {
    const time = event[name];
    if (typeof time === "string" && isDateTime(time) && !isDateTimeStamp(time))
      report(
        issues,
        under(path, name),
        "date-time-stamp",
        `${shown(time)} is a date-time, but no xsd:dateTimeStamp`,
        "semantic",
      );
  }
}

function checkQuantities(event: ExactObject, path: string, issues: Issue[]): void {
  for (const name of QUANTITY_LISTS)
    listOf(event[name]).forEach((item, i) => {
      const quantity = isObject(item) ? item["quantity"] : undefined;
      if (isNumeric(quantity) && decimalOf(quantity).coefficient < 0n)
        report(
          issues,
          `${path}/${name}/${i}/quantity`,
          "negative",
          `quantity ${shown(quantity)} is less than nothing`,
          "semantic",
        );
    });
}

function checkSensors(list: ExactJson | undefined, path: string, issues: Issue[]): void {
  listOf(list).forEach((element, i) => {
    if (!isObject(element)) return;
    const metadata = element["sensorMetadata"];
    const [start, end] = isObject(metadata) ? [metadata["startTime"], metadata["endTime"]] : [];
    if (isTime(start) && isTime(end) && instantMs(start) > instantMs(end))
      report(issues, `${path}/${i}/sensorMetadata`, "time-order", "`startTime` is later than `endTime`", "semantic");
    listOf(element["sensorReport"]).forEach((item, j) => {
      const [low, high] = isObject(item) ? [item["minValue"], item["maxValue"]] : [];
      if (isNumeric(low) && isNumeric(high) && compareDecimals(decimalOf(low), decimalOf(high)) > 0)
        report(
          issues,
          `${path}/${i}/sensorReport/${j}`,
          "value-order",
          "`minValue` is greater than `maxValue`",
          "semantic",
        );
    });
  });
}

function checkTransformation(event: ExactObject, path: string, issues: Issue[]): void {
  const inputs = new Set(listOf(event["inputEPCList"]));
  const outputs = listOf(event["outputEPCList"]);
  if (outputs.length > 0 && outputs.length === inputs.size && outputs.every((id) => inputs.has(id)))
    report(issues, path, "transformation", "the outputs are the inputs: nothing was transformed", "semantic");
}

function isTime(value: ExactJson | undefined): value is string {
  return typeof value === "string" && isDateTime(value);
}

function listOf(value: ExactJson | undefined): readonly ExactJson[] {
  return Array.isArray(value) ? value : [];
}
