/** Name constraints (RFC 5280 sections 4.2.1.10 and 6.1.4 (g)). A name that cannot be judged is refused. */

import { CertificateError } from "../errors.ts";
import type { Budget } from "./budget.ts";
import type { Certificate } from "./certificate.ts";
import type { NameConstraints } from "./extensions.ts";
import { type GeneralName, generalNameText } from "./general_name.ts";
import { hostLabels } from "./server_name.ts";

const EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

/** RFC 9598 section 6: an e-mail address in an otherName, which e-mail constraints are about too. */
const SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9";

/** The labels of a DNS name: {@link hostLabels}, which reads each name once, however often it is compared. */
type LabelsOf = (host: string) => readonly string[] | undefined;

/** Which list a constraint stands in: in doubt, a name is not permitted and is excluded. */
type List = "permitted" | "excluded";

/**
 * Refuses a certificate with a name that the constraints do not permit.
 *
 * @throws {CertificateError} `"name_constraints"`, or `"limit"` where there is too much to compare.
 */
export function checkNameConstraints(
  constraints: NameConstraints,
  certificate: Certificate,
  depth: number,
  budget: Budget,
): void {
  const labelsOf = remembering(hostLabels);
  const permitted = byForm(constraints.permitted);
  const excluded = byForm(constraints.excluded);
  for (const name of constrainedNames(certificate)) {
    const form = name.type === "otherName" && name.oid === SMTP_UTF8_MAILBOX ? "email" : name.type;
    const isIn = (list: List) => (constraint: GeneralName): boolean => {
      budget.spend("comparisons", 1, depth);
      return isWithin(name, constraint, list, labelsOf);
    };
    if (excluded.get(form)?.some(isIn("excluded"))) refuse(name, depth);
    if (permitted.get(form)?.some(isIn("permitted")) === false) refuse(name, depth);
  }
}

/**
 * The names that constraints are about: the subjectAltName, the subject, and where there is no subjectAltName the e-mail
 * addresses in the subject.
 */
function constrainedNames({ subject, extensions }: Certificate): GeneralName[] {
  const names: GeneralName[] = [...extensions.subjectAltName ?? []];
  if (!subject.isEmpty) names.push({ type: "directoryName", value: subject });
  if (extensions.subjectAltName === undefined) {
    const addresses = subject.relativeNames.flat().filter(({ type }) => type === EMAIL_ADDRESS);
    // An address that is not even text is no mailbox, and is refused as such.
    names.push(...addresses.map(({ value = "" }) => ({ type: "email", value }) as const));
  }
  return names;
}

function remembering(read: LabelsOf): LabelsOf {
  const known = new Map<string, readonly string[] | undefined>();
  return (host) => {
    if (!known.has(host)) known.set(host, read(host));
    return known.get(host);
  };
}

function byForm(constraints: readonly GeneralName[]): Map<GeneralName["type"], GeneralName[]> {
  const forms = new Map<GeneralName["type"], GeneralName[]>();
  for (const constraint of constraints) {
    const form = forms.get(constraint.type);
    if (form === undefined) forms.set(constraint.type, [constraint]);
    else form.push(constraint);
  }
  return forms;
}

/** Whether a name is in the space of a constraint. What cannot be judged is never permitted and always excluded. */
function isWithin(name: GeneralName, constraint: GeneralName, list: List, labelsOf: LabelsOf): boolean {
  const inDoubt = list === "excluded";
  if (name.type === "dns" && constraint.type === "dns") {
    return isDnsWithin(name.value, constraint.value, list, labelsOf) ?? inDoubt;
  }
  if (name.type === "ip" && constraint.type === "ip") {
    return isAddressWithin(name.value, constraint.value);
  }
  if (name.type === "email" && constraint.type === "email") {
    return isEmailWithin(name.value, constraint.value, list, labelsOf) ?? inDoubt;
  }
  if (name.type === "uri" && constraint.type === "uri") {
    return isUriWithin(name.value, constraint.value, labelsOf) ?? inDoubt;
  }
  if (name.type === "directoryName" && constraint.type === "directoryName") {
    const isCertain = name.value.isText && constraint.value.isText;
    return name.value.isWithin(constraint.value) || (inDoubt && !isCertain);
  }
  return inDoubt;
}

/**
 * A DNS name is within a constraint that it ends with, label by label; the empty constraint is everything. A constraint
 * with a dot in front, which RFC 5280 does not define, is taken as everyone takes it: names below it.
 *
 * A wildcard stands for many names: it is permitted where all of them are, and excluded where one of them is.
 */
function isDnsWithin(name: string, constraint: string, list: List, labelsOf: LabelsOf): boolean | undefined {
  if (constraint === "") return true;
  const wildcard = name.startsWith("*.");
  const labels = labelsOf(wildcard ? name.slice(2) : name);
  const space = labelsOf(constraint.replace(/^\./, ""));
  if (labels === undefined || space === undefined) return undefined;
  const below = wildcard || constraint.startsWith(".") ? 1 : 0;
  if (wildcard && list === "excluded" && space.length === labels.length + 1 && endsWith(space, labels)) {
    return true;
  }
  return endsWith(labels, space) && (wildcard || labels.length >= space.length + below);
}

/** RFC 5280 section 4.2.1.10: a network as address and mask, of the same family. */
function isAddressWithin(address: Uint8Array, network: Uint8Array): boolean {
  const { length } = address;
  return network.length === 2 * length &&
    address.every((byte, i) => ((byte ^ network[i]) & network[length + i]) === 0);
}

/**
 * RFC 5280 section 4.2.1.10: a constraint is a mailbox, a host, or with a dot in front the hosts below a domain.
 * Local parts differ by case (RFC 5321 section 2.4), but a mailbox is not got out of an exclusion by its case.
 */
function isEmailWithin(
  name: string,
  constraint: string,
  list: List,
  labelsOf: LabelsOf,
): boolean | undefined {
  const mailbox = parseMailbox(name, labelsOf);
  if (mailbox === undefined) return undefined;
  if (!constraint.includes("@")) return isHostWithin(mailbox.host, constraint, labelsOf);
  const other = parseMailbox(constraint, labelsOf);
  if (other === undefined) return undefined;
  const sameLocal = mailbox.local === other.local ||
    list === "excluded" && mailbox.local.toLowerCase() === other.local.toLowerCase();
  return sameLocal && mailbox.host.join(".") === other.host.join(".");
}

/** A mailbox whose local part is a dot-atom (RFC 5322 section 3.2.3); quoted ones, which nobody uses, are not read. */
function parseMailbox(
  text: string,
  labelsOf: LabelsOf,
): { local: string; host: readonly string[] } | undefined {
  const at = text.indexOf("@");
  const local = text.slice(0, Math.max(0, at));
  const host = labelsOf(text.slice(at + 1));
  if (host === undefined || !/^[\w!#$%&'*+\-/=?^`{|}~]+(?:\.[\w!#$%&'*+\-/=?^`{|}~]+)*$/.test(local)) {
    return undefined;
  }
  return { local, host };
}

/** RFC 5280 section 4.2.1.10: constraints are about the host, which must be there and be a DNS name. */
function isUriWithin(uri: string, constraint: string, labelsOf: LabelsOf): boolean | undefined {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@\\]*@)?([^/?#@:]*)(?::[0-9]*)?(?:[/?#]|$)/.exec(
    uri,
  );
  const host = authority === null ? undefined : labelsOf(authority[1]);
  return host && isHostWithin(host, constraint, labelsOf);
}

/** A host, or with a dot in front the hosts below a domain. */
function isHostWithin(host: readonly string[], constraint: string, labelsOf: LabelsOf): boolean | undefined {
  const below = constraint.startsWith(".");
  const space = labelsOf(below ? constraint.slice(1) : constraint);
  if (space === undefined) return undefined;
  return endsWith(host, space) && (below ? host.length > space.length : host.length === space.length);
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
