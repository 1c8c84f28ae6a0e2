import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { distinguishedNameOf, type DistinguishedName } from './distinguished-name';

/** What a certificate calls its holder. */
export interface CertificateNames {
  /** Its alternative names, each as `dns:…`, `uri:…`, `email:…` or `ip:…`; others are left out. */
  readonly alternativeNames: readonly string[];
  /** Undefined when it is empty, or not text. */
  readonly subject: DistinguishedName | undefined;
}

const PREFIX_OF: Readonly<Partial<Record<x509.GeneralNameType, string>>> = {
  dns: 'dns',
  url: 'uri',
  email: 'email',
  ip: 'ip',
};

/**
 * Reads the names of a certificate from its DER, never from a printable form. Verifies nothing.
 *
 * @throws TypeError for what is no certificate, or has an extension twice (RFC 5280 section 4.2): two readers could each
 * go by another one
 */
export function certificateNames(der: Uint8Array): CertificateNames {
  const { extensions, subjectName } = parse(der);
  if (new Set(extensions.map(({ type }) => type)).size !== extensions.length) {
    throw new TypeError('an extension occurs twice');
  }
  const extension = extensions.find(
    (each): each is x509.SubjectAlternativeNameExtension =>
      each instanceof x509.SubjectAlternativeNameExtension,
  );
  return {
    alternativeNames: (extension?.names.items ?? []).flatMap(({ type, value }) => {
      const prefix = PREFIX_OF[type];
      return prefix === undefined ? [] : [`${prefix}:${value}`];
    }),
    subject: distinguishedNameOf(new Uint8Array(subjectName.toArrayBuffer())),
  };
}

function parse(der: Uint8Array): x509.X509Certificate {
  try {
    return new x509.X509Certificate(der);
  } catch (cause) {
    throw new TypeError('this is not an X.509 certificate', { cause });
  }
}
