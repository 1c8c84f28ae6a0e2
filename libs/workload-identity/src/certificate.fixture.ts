import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { Svid } from './svid';
import type { WorkloadContext } from './svid.source';
import { TrustBundle } from './trust-bundle';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const { digitalSignature, keyCertSign, cRLSign } = x509.KeyUsageFlags;
const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;

export const ORDERS = 'spiffe://sallyport.internal/ns/sallyport/sa/orders-service';
export const GATEWAY = 'spiffe://sallyport.internal/ns/sallyport/sa/gateway';

export interface Minted {
  readonly der: Buffer;
  readonly pem: string;
  readonly keyPem: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

type Part = 'basicConstraints' | 'keyUsage' | 'extendedKeyUsage' | 'names';

export interface MintOptions {
  readonly subject?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** A part set to undefined is left out. */
  readonly parts?: Readonly<Partial<Record<Part, x509.Extension | undefined>>>;
  readonly more?: readonly x509.Extension[];
}

/** For `toThrow`: any error with this code. */
export const errorWith = (code: string): Error => expect.objectContaining({ code }) as Error;

export const hoursFromNow = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);

export const uriNames = (...uris: string[]): x509.Extension =>
  new x509.SubjectAlternativeNameExtension(uris.map((value) => ({ type: 'url', value })));

/** A certificate with a valid leaf profile, except for what the options break. */
export function mintLeaf(uri: string, issuer?: Minted, options: MintOptions = {}): Promise<Minted> {
  const parts = {
    basicConstraints: new x509.BasicConstraintsExtension(false, undefined, true),
    keyUsage: new x509.KeyUsagesExtension(digitalSignature, true),
    extendedKeyUsage: new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
    names: uriNames(uri),
  };
  return mint({ subject: 'CN=leaf', ...options, parts: { ...parts, ...options.parts } }, issuer);
}

/** A certificate with a valid authority profile, except for what the options break. */
export function mintAuthority(issuer?: Minted, options: MintOptions = {}): Promise<Minted> {
  const parts = {
    basicConstraints: new x509.BasicConstraintsExtension(true, undefined, true),
    keyUsage: new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
    names: uriNames('spiffe://sallyport.internal'),
  };
  const subject = `CN=authority ${webcrypto.randomUUID()}`;
  return mint({ subject, ...options, parts: { ...parts, ...options.parts } }, issuer);
}

/** What a workload holds, under a root alone. */
export async function mintContext(uri: string, root: Minted): Promise<WorkloadContext> {
  const leaf = await mintLeaf(uri, root);
  const svid = Svid.parse({ certificateChainPem: leaf.pem, privateKeyPem: leaf.keyPem });
  return { svid, bundle: TrustBundle.parse(root.pem) };
}

async function mint(options: MintOptions & { subject: string }, issuer?: Minted): Promise<Minted> {
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: options.subject,
    issuer: issuer ? new x509.X509Certificate(issuer.der).subjectName : options.subject,
    notBefore: options.notBefore ?? hoursFromNow(-1),
    notAfter: options.notAfter ?? hoursFromNow(1),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: P256,
    extensions: [...Object.values(options.parts ?? {}), ...(options.more ?? [])].filter(
      (extension) => extension !== undefined,
    ),
  });
  const privateKey = KeyObject.from(keys.privateKey);
  return {
    der: Buffer.from(certificate.rawData),
    pem: `${certificate.toString('pem')}\n`,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    keys,
  };
}
