/** BoringSSL's own test data for its certificate library: names, constraints, policies, signatures, parsing. */

import { decodePem, readDer } from "../../src/asn1/mod.ts";
import { readAlgorithm } from "../../src/x509/keys/algorithm.ts";
import { Budget } from "../../src/x509/path/budget.ts";
import {
  EXTENSION_OIDS,
  type KnownExtensions,
  knownExtensions,
} from "../../src/x509/certificate/extensions.ts";
import {
  Certificate,
  ChannelError,
  describeCertificate,
  type NameConstraints,
  parseName,
  parsePublicKey,
} from "../../src/x509/mod.ts";
import { checkNameConstraints } from "../../src/x509/path/name_constraints.ts";
import { finish } from "../../src/x509/steps.ts";
import { verifySignature } from "../../src/x509/keys/signature.ts";
import { signatureScheme } from "../../src/x509/keys/signature_scheme.ts";
import { assert, test, vectorNames, vectorText } from "../_kit/mod.ts";

const FOLDER = "boringssl-pki";

function namesIn(folder: string): string[] {
  return vectorNames(`${FOLDER}/${folder}`).filter((name) => name.endsWith(".pem")).map((name) =>
    name.slice(0, -4)
  ).sort();
}

/** The blocks of a file, by label. */
function blocks(path: string): Map<string, Uint8Array> {
  return new Map(decodePem(vectorText(`${FOLDER}/${path}.pem`)).map(({ label, bytes }) => [label, bytes]));
}

/** The result of `work`, or undefined where it throws a ChannelError. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ChannelError) return undefined;
    throw error;
  }
}

function extension<K extends keyof KnownExtensions>(name: K, value: Uint8Array): KnownExtensions[K] {
  return knownExtensions([{ oid: EXTENSION_OIDS[name], critical: true, value, der: value }])[name];
}

test("names match as RFC 5280 section 7.1 says", { needs: ["vectors"] }, () => {
  const classes = new Map<string, string[]>();
  for (const file of namesIn("verify_name_match_unittest/names")) {
    const name = attempt(() => parseName(blocks(`verify_name_match_unittest/names/${file}`).get("NAME")!));
    assert.equal(name === undefined, file.startsWith("invalid"), file);
    if (name !== undefined) classes.set(name.key, [...classes.get(name.key) ?? [], file]);
  }
  // Names match if they differ only in string type, case and white space. T61Strings are compared byte for byte.
  const kindOf = (file: string) =>
    file.includes("T61STRING") ? file : file.replace(/BMPSTRING|PRINTABLESTRING|UNIVERSALSTRING|UTF8/, "*")
      .replace(/case_swap|extra_whitespace|unmangled/, "*").replace(/(un)?normalized/, "*").replace(
        /sorting_[12]/,
        "*",
      );
  for (const files of classes.values()) assert.equal(new Set(files.map(kindOf)).size, 1, files.join());
  const kinds = [...classes.values()].flat().map(kindOf);
  assert.equal(classes.size, new Set(kinds).size);
});

function isPermitted(constraints: NameConstraints, certificate: Certificate): boolean {
  return attempt(() => (finish(checkNameConstraints(constraints, certificate, 0, new Budget())), true)) ??
    false;
}

/** The names that each set of constraints permits, among names of the forms to which it applies. */
const PERMITTED: Readonly<Record<string, string>> = {
  "dnsname-exclude_dot": "",
  "dnsname-excludeall": "",
  "dnsname-excluded": "dnsname excluded-directoryname excluded-ipaddress permitted",
  "dnsname-excluded_with_leading_dot":
    "dnsname excluded-directoryname excluded-dnsname excluded-ipaddress permitted",
  "dnsname-permitted_two_dot": "",
  "dnsname-permitted_with_leading_dot": "",
  "dnsname-with_min_0": "excluded-directoryname excluded-dnsname excluded-ipaddress permitted",
  "dnsname": "excluded-directoryname excluded-ipaddress permitted",
  "dnsname2": "dnsname excluded-directoryname excluded-dnsname excluded-ipaddress permitted",
  "edipartyname-excluded": "",
  "edipartyname-permitted": "",
  "ipaddress-excludeall": "",
  "ipaddress-excluded": "excluded-directoryname excluded-dnsname ipaddress4 ipaddress6 permitted",
  "ipaddress-mapped_addrs": "excluded-directoryname excluded-dnsname permitted",
  "ipaddress-permit_all": "excluded-directoryname excluded-dnsname excluded-ipaddress ipaddress4 permitted",
  "ipaddress-permit_prefix1":
    "excluded-directoryname excluded-dnsname excluded-ipaddress ipaddress4 permitted",
  "ipaddress-permit_prefix31": "excluded-directoryname excluded-dnsname permitted",
  "ipaddress-permit_singlehost": "",
  "ipaddress": "excluded-directoryname excluded-dnsname ipaddress4 permitted",
  "registeredid-excluded": "",
  "registeredid-permitted": "",
  "rfc822name-excluded-empty": "",
  "rfc822name-excluded-hostname": "rfc822name-subdomain rfc822name-subdomaincase",
  "rfc822name-excluded-hostnamewithat": "",
  "rfc822name-excluded-ipv4": "",
  "rfc822name-excluded-quoted": "",
  "rfc822name-excluded-subdomains":
    "rfc822name rfc822name-domaincase rfc822name-localpartcase rfc822name-multiple",
  "rfc822name-excluded": "rfc822name-subdomain rfc822name-subdomaincase",
  "rfc822name-permitted-empty": "",
  "rfc822name-permitted-hostname":
    "rfc822name rfc822name-domaincase rfc822name-localpartcase rfc822name-multiple",
  "rfc822name-permitted-hostnamewithat": "",
  "rfc822name-permitted-ipv4": "",
  "rfc822name-permitted-quoted": "",
  "rfc822name-permitted-subdomains": "rfc822name-subdomain rfc822name-subdomaincase",
  "rfc822name-permitted": "rfc822name rfc822name-domaincase",
  "uri-excluded": "",
  "uri-permitted": "",
  "x400address-excluded": "",
  "x400address-permitted": "",
};

const NO_NAME = parseName(Uint8Array.of(0x30, 0));

test("name constraints of every form permit and refuse what they should", { needs: ["vectors"] }, () => {
  const certificates = namesIn("name_constraints_unittest").filter((file) => file.startsWith("san-")).flatMap(
    (file) => {
      const value = blocks(`name_constraints_unittest/${file}`).get("SUBJECT ALTERNATIVE NAME")!;
      const subjectAltName = attempt(() => extension("subjectAltName", value));
      // The data of san-othername is not a valid OtherName: RFC 5280 section 4.2.1.6 requires [0] EXPLICIT before the value.
      assert.equal(subjectAltName === undefined, /invalid|othername/.test(file), file);
      if (subjectAltName === undefined) return [];
      return [{
        file: file.slice(4),
        certificate: { subject: NO_NAME, extensions: { subjectAltName } } as Certificate,
      }];
    },
  );
  for (const [file, expected] of Object.entries(PERMITTED)) {
    const value = blocks(`name_constraints_unittest/${file}`).get("NAME CONSTRAINTS")!;
    const constraints = extension("nameConstraints", value)!;
    const forms = new Set([...constraints.permitted, ...constraints.excluded].map(({ type }) => type));
    const permitted = certificates
      .filter(({ certificate }) => certificate.extensions.subjectAltName!.some(({ type }) => forms.has(type)))
      .filter(({ certificate }) => isPermitted(constraints, certificate));
    assert.equal(permitted.map((item) => item.file).sort().join(" "), expected, file);
  }
});

test(
  "directory names are constrained in the subject and in the subjectAltName",
  { needs: ["vectors"] },
  () => {
    const value = blocks("name_constraints_unittest/directoryname").get("NAME CONSTRAINTS")!;
    const constraints = extension("nameConstraints", value)!;
    const refused = namesIn("name_constraints_unittest").filter((file) => file.startsWith("name-")).filter(
      (file) => {
        const subject = parseName(blocks(`name_constraints_unittest/${file}`).get("NAME")!);
        return !isPermitted(constraints, { subject, extensions: {} } as Certificate);
      },
    );
    assert.deepEqual(refused, [
      "name-ca",
      "name-de",
      "name-jp",
      "name-us-california",
      "name-us-california-192.168.1.1",
      "name-us-california-mountain_view",
      "name-us-california-permitted.example.com",
    ]);
  },
);

test(
  "name constraints that cannot be understood are refused when they are read",
  { needs: ["vectors"] },
  () => {
    const refused = namesIn("name_constraints_unittest").filter((file) => {
      const value = blocks(`name_constraints_unittest/${file}`).get("NAME CONSTRAINTS");
      return value !== undefined && attempt(() => extension("nameConstraints", value)) === undefined;
    });
    assert.deepEqual(refused, [
      "dnsname-with_max",
      "dnsname-with_min_0_and_max",
      "dnsname-with_min_1",
      "dnsname-with_min_1_and_max",
      "invalid-empty_excluded_subtree",
      "invalid-empty_permitted_subtree",
      "invalid-no_subtrees",
      "ipaddress-invalid_addr",
      "ipaddress-invalid_mask_not_contiguous_1",
      "ipaddress-invalid_mask_not_contiguous_2",
      "ipaddress-invalid_mask_not_contiguous_3",
      "ipaddress-invalid_mask_not_contiguous_4",
      "othername-excluded", // not an OtherName, see above
      "othername-permitted",
    ]);
  },
);

test("certificate policies are read strictly", { needs: ["vectors"] }, () => {
  for (const file of namesIn("certificate_policies_unittest")) {
    const value = blocks(`certificate_policies_unittest/${file}`).get("CERTIFICATE POLICIES")!;
    const policies = attempt(() => extension("certificatePolicies", value));
    assert.equal(policies === undefined, file.startsWith("invalid"), file);
  }
});

/** Valid signatures with the algorithms in their file names. */
const VERIFY = new Set([
  "ecdsa-prime256v1-sha512",
  "ecdsa-secp384r1-sha256",
  "rsa-pkcs1-sha1",
  "rsa-pkcs1-sha256",
  "rsa-pss-sha256",
  // BoringSSL does not support keys that are only for PSS, which RFC 4055 section 3.3 allows.
  "rsa-pss-sha256-using-pss-key-with-params",
  "rsa2048-pkcs1-sha512",
]);

test("signatures verify under their own key and parameters, and no others", { needs: ["vectors"] }, () => {
  const verified = namesIn("verify_signed_data_unittest").filter((file) => {
    const found = blocks(`verify_signed_data_unittest/${file}`);
    return attempt(() => {
      const key = parsePublicKey(found.get("PUBLIC KEY")!);
      const algorithm = readDer(found.get("ALGORITHM")!, "the algorithm", (reader) => readAlgorithm(reader));
      const signature = readDer(
        found.get("SIGNATURE")!,
        "the signature",
        (reader) => reader.bitStringBytes(),
      );
      return verifySignature(key, signatureScheme(algorithm), found.get("DATA")!, signature);
    });
  });
  assert.deepEqual(new Set(verified), VERIFY);
});

/**
 * Certificates that BoringSSL refuses when it reads them. This library refuses them later or, for a reason, accepts them.
 */
const READ = [
  "basic_constraints_path_too_large", // a path length over 255: RFC 5280 has no bound
  "basic_constraints_pathlen_256",
  "extension_critical_0", // critical FALSE written out: OpenSSL and Go read it, and inspect warns
  "issuer_bad_printable_string", // such a name is read as bytes; it has no text
  "serial_37_bytes", // refused when it is verified
  "serial_negative", // RFC 5280 section 4.1.2.2: to be prepared for
  "serial_zero", // the same
  "serial_zero_padded_21_bytes", // refused when it is verified
  "subject_blank_subjectaltname_not_critical", // OpenSSL and Go verify it, and inspect warns
  "subject_not_ascii",
  "subject_not_printable_string",
];

/** Certificates that BoringSSL reads, and this library refuses. */
const REFUSED = [
  "cert_skeleton", // BoringSSL looks at the three parts only here and in the next two
  "failed_signature_algorithm",
  "signature_algorithm_null",
];

test("certificates are read and refused as by BoringSSL, with the explained exceptions", {
  needs: ["vectors"],
}, () => {
  const read: string[] = [];
  const refused: string[] = [];
  let count = 0;
  for (const file of namesIn("parse_certificate_unittest")) {
    if (file === "subject_t61string_actual") continue; // a colon behind its last line makes it no PEM
    const found = blocks(`parse_certificate_unittest/${file}`);
    const der = found.get("CERTIFICATE");
    if (der === undefined) continue; // a part alone, with placeholders in it
    count++;
    const isRead = attempt(() => describeCertificate(new Certificate(der))) !== undefined;
    if (isRead && found.has("ERRORS")) read.push(file);
    if (!isRead && !found.has("ERRORS")) refused.push(file);
  }
  assert.deepEqual([read, refused, count], [READ, REFUSED, 70]);
});

test("authority key identifiers are read strictly", { needs: ["vectors"] }, () => {
  const folder = "parse_certificate_unittest/authority_key_identifier";
  const refused = namesIn(folder).filter((file) => {
    const value = blocks(`${folder}/${file}`).get("AUTHORITY_KEY_IDENTIFIER")!;
    return attempt(() => extension("authorityKeyIdentifier", value)) === undefined;
  });
  assert.deepEqual(refused, [
    "extra_contents_after_extension_sequence",
    "extra_contents_after_issuer_and_serial",
    "invalid_contents",
    "invalid_issuer",
    "invalid_key_identifier",
    "invalid_serial",
    "issuer_only", // RFC 5280 section 4.2.1.1: issuer and serial number are both there, or neither
    "serial_only",
  ]);
});
