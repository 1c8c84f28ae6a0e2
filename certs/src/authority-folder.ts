import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseCertificatesPem, type TrustDomain } from '@sallyport/workload-identity';
import { isIssuedBy, type Authorities } from './authorities';
import { DevCaError } from './dev-ca.error';
import { isErrno } from './errno';
import { privateKeyPem, type IssuedCertificate } from './issue-certificate';
import { LOOPBACK_NAMES } from './server-names';
import { writeFileAtomically } from './write-files';

/** A key and its certificate share one file, so that they can only be replaced together. */
const FILES = {
  previousRoot: 'workload-root-previous.pem',
  root: 'workload-root.pem',
  nextRoot: 'workload-root-next.pem',
  intermediate: 'workload-intermediate.pem',
  denied: 'denied.txt',
  webRoot: 'web-root.pem',
  publicNames: 'public-names.txt',
  storeRoot: 'store-root.pem',
  partnerRoot: 'partner-root.pem',
} as const;

const PRIVATE = 0o600;

/** The private part of a certificate folder: `ca/`, readable by its owner only. */
export class AuthorityFolder {
  readonly #path: string;

  /** @param folder the certificate folder that contains `ca/` */
  constructor(
    private readonly folder: string,
    private readonly trustDomain: TrustDomain,
  ) {
    this.#path = join(folder, 'ca');
  }

  /**
   * Stores a first state; when another process was faster, its state stands.
   * @returns whether this one was stored
   */
  async create(authorities: Authorities): Promise<boolean> {
    const temporary = await mkdtemp(join(this.folder, '.ca-'));
    for (const [file, content] of encode(authorities)) {
      if (content !== undefined) {
        await writeFileAtomically(join(temporary, file), { content, mode: PRIVATE });
      }
    }
    try {
      await rename(temporary, this.#path);
      return true;
    } catch (error) {
      await rm(temporary, { recursive: true });
      if (isErrno(error) && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')) return false;
      throw error;
    }
  }

  /**
   * Writes what differs from the stored state. The order survives being cut short: a root is in the
   * bundle before and after it is replaced, and an intermediate of the previous root is renewed.
   */
  async replace(stored: Authorities, authorities: Authorities): Promise<void> {
    const present = new Map(encode(stored));
    for (const [file, content] of encode(authorities)) {
      if (content === present.get(file)) continue;
      const path = join(this.#path, file);
      if (content === undefined) await rm(path, { force: true });
      else await writeFileAtomically(path, { content, mode: PRIVATE });
    }
  }

  /** @throws {DevCaError} when a file is missing, broken, or does not belong to the others */
  async load(): Promise<Authorities> {
    const root = await this.#require(FILES.root);
    const nextRoot = await this.#readAuthority(FILES.nextRoot);
    const previousRootPem = await this.#readPreviousRoot();
    const intermediate = await this.#require(FILES.intermediate);
    const webRoot = await this.#require(FILES.webRoot);
    const publicNames = await this.#readNames(FILES.publicNames);
    const denied = await this.#readNames(FILES.denied);
    const storeRoot = await this.#readAuthority(FILES.storeRoot);
    const partnerRoot = await this.#readAuthority(FILES.partnerRoot);

    const id = `URI:spiffe://${this.trustDomain.toString()}`;
    if (new X509Certificate(root.certificate).subjectAltName !== id) {
      throw this.#broken(FILES.root, `is not a root of ${this.trustDomain.toString()}`);
    }
    const issuers = [root.certificatePem, previousRootPem].filter((pem) => pem !== undefined);
    if (!issuers.some((pem) => isIssuedBy(intermediate.certificatePem, pem))) {
      throw this.#broken(FILES.intermediate, `was not issued by ${FILES.root}`);
    }
    return {
      trustDomain: this.trustDomain,
      root,
      // Both files hold it when an activation was cut short.
      nextRoot: nextRoot?.certificate.equals(root.certificate) ? undefined : nextRoot,
      previousRootPem,
      intermediate,
      denied: denied ?? [],
      webRoot,
      publicNames: publicNames ?? LOOPBACK_NAMES,
      storeRoot,
      partnerRoot,
    };
  }

  async #require(file: string): Promise<IssuedCertificate> {
    const authority = await this.#readAuthority(file);
    if (!authority) throw this.#broken(file, 'is missing');
    return authority;
  }

  async #readAuthority(file: string): Promise<IssuedCertificate | undefined> {
    const pem = await this.#read(file);
    if (pem === undefined) return undefined;
    const certificate = this.#parseCertificate(file, pem);
    let privateKey;
    try {
      privateKey = createPrivateKey(pem);
    } catch (cause) {
      throw this.#broken(file, 'holds no private key', cause);
    }
    if (!certificate.checkPrivateKey(privateKey)) {
      throw this.#broken(file, 'holds a key that does not match its certificate');
    }
    return { certificate: certificate.raw, certificatePem: certificate.toString(), privateKey };
  }

  async #readNames(file: string): Promise<readonly string[] | undefined> {
    return (await this.#read(file))?.split('\n').filter((name) => name !== '');
  }

  async #readPreviousRoot(): Promise<string | undefined> {
    const pem = await this.#read(FILES.previousRoot);
    return pem && this.#parseCertificate(FILES.previousRoot, pem).toString();
  }

  #parseCertificate(file: string, pem: string): X509Certificate {
    const [der, ...more] = parseCertificatesPem(pem) ?? [];
    try {
      const certificate = der && more.length === 0 ? new X509Certificate(der) : undefined;
      if (certificate?.ca) return certificate;
    } catch (cause) {
      throw this.#broken(file, 'holds no readable certificate', cause);
    }
    throw this.#broken(file, 'does not hold exactly one authority certificate');
  }

  async #read(file: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#path, file), 'utf8');
    } catch (error) {
      if (isErrno(error) && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #broken(file: string, problem: string, cause?: unknown): DevCaError {
    return new DevCaError(this.folder, `${basename(this.#path)}/${file} ${problem}`, { cause });
  }
}

/** In the order in which a change is written. */
function encode(authorities: Authorities): [file: string, content: string | undefined][] {
  const { previousRootPem, root, nextRoot, intermediate, denied, webRoot } = authorities;
  const { publicNames, storeRoot, partnerRoot } = authorities;
  return [
    [FILES.previousRoot, previousRootPem],
    [FILES.root, encodeAuthority(root)],
    [FILES.nextRoot, nextRoot && encodeAuthority(nextRoot)],
    [FILES.intermediate, encodeAuthority(intermediate)],
    [FILES.denied, encodeNames(denied)],
    // Before the names, which alone would pass for done.
    [FILES.webRoot, encodeAuthority(webRoot)],
    [FILES.publicNames, encodeNames(publicNames)],
    [FILES.storeRoot, storeRoot && encodeAuthority(storeRoot)],
    [FILES.partnerRoot, partnerRoot && encodeAuthority(partnerRoot)],
  ];
}

function encodeNames(names: readonly string[]): string {
  return names.map((name) => `${name}\n`).join('');
}

function encodeAuthority(authority: IssuedCertificate): string {
  return privateKeyPem(authority) + authority.certificatePem;
}
