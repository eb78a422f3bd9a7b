/** Name constraints (RFC 5280 sections 4.2.1.10 and 6.1.4 (g)). A name that cannot be compared with them is refused. */

import { CertificateError } from "../../errors.ts";
import type { Budget } from "./budget.ts";
import type { Certificate } from "../certificate/certificate.ts";
import type { NameConstraints } from "../certificate/extensions.ts";
import { type GeneralName, generalNameText } from "../names/general_name.ts";
import { ID_EMAIL_ADDRESS } from "../names/attribute_types.ts";
import type { Name } from "../names/name.ts";
import { hostLabels } from "../names/host_name.ts";
import type { Steps } from "../steps.ts";

/** The type of an otherName that is an e-mail address. E-mail constraints apply to it too (RFC 9598 section 6). */
const SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9";

/** The list that a constraint is in. A name that cannot be compared counts as not permitted and as excluded. */
type SubtreeList = "permitted" | "excluded";

/** The form of a name. Constraints apply only to names of the same form. */
type NameForm = GeneralName["type"];

/** The labels of a host, or undefined if the host is not a DNS name. */
type Host = readonly string[] | undefined;

/** A parsed constraint: the subtree of names that it covers. */
type Subtree =
  | { readonly type: "hosts"; readonly host: Host; readonly below: boolean }
  | { readonly type: "mailbox"; readonly mailbox: Mailbox | undefined }
  | { readonly type: "network"; readonly network: Uint8Array }
  | { readonly type: "directory"; readonly name: Name; readonly isText: boolean }
  | { readonly type: "unknown" };

/** Returns whether a parsed name is in a subtree, or undefined if that cannot be determined. */
type Comparison = (subtree: Subtree, list: SubtreeList) => boolean | undefined;

interface Mailbox {
  readonly local: string;
  /** The local part in lower case. */
  readonly folded: string;
  readonly host: readonly string[];
}

/**
 * Refuses a certificate with a name that the constraints do not permit.
 *
 * @throws {CertificateError} `"name_constraints"`, or `"limit"` if there is too much to compare.
 */
export function* checkNameConstraints(
  constraints: NameConstraints,
  certificate: Certificate,
  depth: number,
  budget: Budget,
): Steps<void> {
  const names = constrainedNames(certificate);
  const { permitted, excluded } = constraints;
  for (const form of new Set([...permitted, ...excluded].map(({ type }) => type))) {
    const concerned = names.filter((name) => formsOf(name).includes(form));
    // Only names that will be compared are parsed.
    if (concerned.length > 0) {
      yield* checkNames(concerned, subtreesOf(permitted, form), subtreesOf(excluded, form), depth, budget);
    }
  }
}

/**
 * Refuses names of one form that the constraints do not permit. If no permitted subtree has the form, all names of the form
 * are permitted.
 */
function* checkNames(
  names: readonly GeneralName[],
  permitted: readonly Subtree[],
  excluded: readonly Subtree[],
  depth: number,
  budget: Budget,
): Steps<void> {
  for (const name of names) {
    const compare = comparisonOf(name);
    const isIn = (list: SubtreeList) => (subtree: Subtree): boolean => {
      budget.spend("comparisons", 1, depth);
      return compare(subtree, list) ?? list === "excluded";
    };
    if (excluded.some(isIn("excluded"))) refuse(name, depth);
    if (permitted.length > 0 && !permitted.some(isIn("permitted"))) refuse(name, depth);
    yield;
  }
}

/**
 * Returns the names to which constraints apply: the subject and the subjectAltName. Without a subjectAltName, they also
 * apply to the e-mail addresses in the subject.
 */
function constrainedNames({ subject, extensions }: Certificate): GeneralName[] {
  const names: GeneralName[] = [...extensions.subjectAltName ?? []];
  if (!subject.isEmpty) names.push({ type: "directoryName", value: subject });
  if (extensions.subjectAltName === undefined) {
    const addresses = subject.relativeNames.flat().filter(({ type }) => type === ID_EMAIL_ADDRESS);
    // An address that is not text becomes "", which is refused as an invalid mailbox.
    names.push(...addresses.map(({ value = "" }) => ({ type: "email", value }) as const));
  }
  return names;
}

function formsOf(name: GeneralName): readonly NameForm[] {
  return name.type === "otherName" && name.oid === SMTP_UTF8_MAILBOX ? ["email", "otherName"] : [name.type];
}

function subtreesOf(constraints: readonly GeneralName[], form: NameForm): Subtree[] {
  return constraints.filter(({ type }) => type === form).map(subtreeOf);
}

/**
 * Parses a constraint (RFC 5280 section 4.2.1.10). The empty constraint for DNS names covers all names. In constraints for
 * e-mail addresses and URIs, a leading dot means the hosts below a domain. The RFC does not define a leading dot for DNS
 * names; as in other implementations, it has the same meaning.
 */
function subtreeOf(constraint: GeneralName): Subtree {
  switch (constraint.type) {
    case "dns":
      return constraint.value === "" ? { type: "hosts", host: [], below: false } : hosts(constraint.value);
    case "uri":
      return hosts(constraint.value);
    case "email":
      return constraint.value.includes("@")
        ? { type: "mailbox", mailbox: parseMailbox(constraint.value) }
        : hosts(constraint.value);
    case "ip":
      return { type: "network", network: constraint.value };
    case "directoryName":
      return { type: "directory", name: constraint.value, isText: constraint.value.isText };
    default:
      return { type: "unknown" };
  }
}

function hosts(constraint: string): Subtree {
  const below = constraint.startsWith(".");
  return { type: "hosts", host: hostLabels(below ? constraint.slice(1) : constraint), below };
}

function comparisonOf(name: GeneralName): Comparison {
  switch (name.type) {
    case "dns":
      return dnsComparison(name.value);
    case "email":
      return emailComparison(name.value);
    case "uri":
      return uriComparison(name.value);
    case "ip":
      return (subtree) => subtree.type === "network" && isAddressWithin(name.value, subtree.network);
    case "directoryName":
      return directoryComparison(name.value);
    default:
      return () => undefined;
  }
}

/**
 * Returns the comparison of a DNS name, which is in a subtree if it ends with the labels of the constraint. A wildcard
 * stands for many names: it is permitted if all of them are permitted, and excluded if one of them is excluded.
 */
function dnsComparison(name: string): Comparison {
  const wildcard = name.startsWith("*.");
  const labels = hostLabels(wildcard ? name.slice(2) : name);
  return (subtree, list) => {
    if (subtree.type !== "hosts") return undefined;
    const { host, below } = subtree;
    if (host?.length === 0) return true;
    if (labels === undefined || host === undefined) return undefined;
    if (wildcard && list === "excluded" && host.length === labels.length + 1 && endsWith(host, labels)) {
      return true;
    }
    return endsWith(labels, host) && (wildcard || !below || labels.length > host.length);
  };
}

/**
 * Returns the comparison of an e-mail address. A constraint is a mailbox, a host, or (with a leading dot) the hosts below a
 * domain (RFC 5280 section 4.2.1.10). Local parts are case-sensitive (RFC 5321 section 2.4), but exclusions ignore case.
 */
function emailComparison(name: string): Comparison {
  const own = parseMailbox(name);
  return (subtree, list) => {
    if (subtree.type === "hosts") return own && isHostWithin(own.host, subtree);
    if (subtree.type !== "mailbox" || own === undefined || subtree.mailbox === undefined) return undefined;
    const { local, folded, host } = subtree.mailbox;
    return (list === "excluded" ? own.folded === folded : own.local === local) &&
      own.host.length === host.length && endsWith(own.host, host);
  };
}

/** Parses a mailbox whose local part is a dot-atom (RFC 5322 section 3.2.3). Quoted local parts are not supported. */
function parseMailbox(text: string): Mailbox | undefined {
  const at = text.indexOf("@");
  const local = text.slice(0, Math.max(0, at));
  const host = hostLabels(text.slice(at + 1));
  if (host === undefined || !/^[\w!#$%&'*+\-/=?^`{|}~]+(?:\.[\w!#$%&'*+\-/=?^`{|}~]+)*$/.test(local)) {
    return undefined;
  }
  return { local, folded: local.toLowerCase(), host };
}

/** Returns the comparison of a URI. Constraints apply to its host, which must be a DNS name (RFC 5280 section 4.2.1.10). */
function uriComparison(uri: string): Comparison {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@\\]*@)?([^/?#@:]*)(?::[0-9]*)?(?:[/?#]|$)/.exec(
    uri,
  );
  const host = authority === null ? undefined : hostLabels(authority[1]);
  return (subtree) =>
    subtree.type === "hosts" && host !== undefined ? isHostWithin(host, subtree) : undefined;
}

/** Returns whether a host is the constraint's host or, if the constraint has `below`, a host below that domain. */
function isHostWithin(
  labels: readonly string[],
  { host, below }: Extract<Subtree, { type: "hosts" }>,
): boolean | undefined {
  if (host === undefined) return undefined;
  return endsWith(labels, host) && (below ? labels.length > host.length : labels.length === host.length);
}

/** Returns whether an address is in a network. A network is an address followed by a mask (RFC 5280 section 4.2.1.10). */
function isAddressWithin(address: Uint8Array, network: Uint8Array): boolean {
  const { length } = address;
  return network.length === 2 * length &&
    address.every((byte, i) => ((byte ^ network[i]) & network[length + i]) === 0);
}

/**
 * Returns the comparison of a directory name (RFC 5280 section 7.1). Names that have values other than text cannot be
 * compared.
 */
function directoryComparison(name: Name): Comparison {
  const { isText } = name;
  return (subtree) => {
    if (subtree.type !== "directory") return undefined;
    return name.isWithin(subtree.name) || (isText && subtree.isText ? false : undefined);
  };
}

function endsWith(labels: readonly string[], end: readonly string[]): boolean {
  const start = labels.length - end.length;
  return start >= 0 && end.every((label, i) => labels[start + i] === label);
}

function refuse(name: GeneralName, depth: number): never {
  throw new CertificateError(
    "name_constraints",
    depth,
    `a CA above does not permit the name ${generalNameText(name)}`,
  );
}
