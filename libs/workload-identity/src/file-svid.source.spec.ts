/** @timed Files are followed within milliseconds. */
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  GATEWAY,
  hoursFromNow,
  mintAuthority,
  mintLeaf,
  ORDERS,
  uriNames,
  type Minted,
} from './certificate.fixture';
import { FileSvidSource, type FileSvidSourceOptions } from './file-svid.source';
import { SpiffeId } from './spiffe-id';
import type { SvidSource, WorkloadContext } from './svid.source';

type Files = Readonly<Record<string, string>>;

const filesOf = (leaf: Minted, root: Minted): Files => ({
  'tls.crt': leaf.pem,
  'tls.key': leaf.keyPem,
  'ca.crt': root.pem,
});

async function write(directory: string, files: Files): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content);
  }
}

/** Resolves with the first context that satisfies the condition. */
function contextOf(
  source: SvidSource,
  condition: (context: WorkloadContext) => boolean,
): Promise<WorkloadContext> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('no such context arrived'));
    }, 4000);
    const look = (context: WorkloadContext): void => {
      if (!condition(context)) return;
      clearTimeout(timer);
      leave();
      resolve(context);
    };
    const leave = source.subscribe(look);
    look(source.current());
  });
}

describe('FileSvidSource', () => {
  let directory: string;
  let root: Minted;
  let first: Minted;
  let second: Minted;
  let source: FileSvidSource | undefined;

  beforeAll(async () => {
    root = await mintAuthority();
    [first, second] = [await mintLeaf(ORDERS, root), await mintLeaf(ORDERS, root)];
  });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'svid-'));
  });
  afterEach(async () => {
    source?.close();
    source = undefined;
    await rm(directory, { recursive: true });
  });

  const open = async (options: Partial<FileSvidSourceOptions> = {}): Promise<FileSvidSource> => {
    source = await FileSvidSource.open({ directory, ...options });
    return source;
  };
  const isOf = (leaf: Minted) => (context: WorkloadContext) =>
    context.svid.chain[0]?.equals(leaf.der) === true;

  describe('open', () => {
    const refusals: Record<string, [message: RegExp, files: () => Promise<Files> | Files]> = {
      'an empty directory': [/(tls\.crt|tls\.key|ca\.crt) is missing$/, () => ({})],
      'a missing key': [
        /tls\.key is missing$/,
        () => ({ 'tls.crt': first.pem, 'ca.crt': root.pem }),
      ],
      'the key of another certificate': [
        /tls\.key does not match tls\.crt$/,
        () => ({ ...filesOf(first, root), 'tls.key': second.keyPem }),
      ],
      'a key that is none': [
        /tls\.key is not a PEM private key$/,
        () => ({ ...filesOf(first, root), 'tls.key': 'garbage' }),
      ],
      'a certificate that is none': [
        /tls\.crt is not usable: there is no complete PEM certificate$/,
        () => ({ ...filesOf(first, root), 'tls.crt': 'garbage' }),
      ],
      'a bundle that is none': [
        /ca\.crt is not a trust bundle: there is no complete PEM certificate$/,
        () => ({ ...filesOf(first, root), 'ca.crt': first.pem.slice(0, 300) }),
      ],
      'the bundle of another authority': [
        /tls\.crt does not fit ca\.crt: the chain does not lead to the trust bundle$/,
        async () => filesOf(first, await mintAuthority()),
      ],
      'an expired certificate': [
        /tls\.crt is not usable: the leaf expired at \d{4}-/,
        async () => filesOf(await mintLeaf(ORDERS, root, { notAfter: hoursFromNow(-0.5) }), root),
      ],
      'a certificate with two ids': [
        /tls\.crt is not usable: the certificate has 2 URI SANs/,
        async () => {
          const names = uriNames(ORDERS, GATEWAY);
          return filesOf(await mintLeaf(ORDERS, root, { parts: { names } }), root);
        },
      ],
      'the certificate of another service': [
        /tls\.crt is for spiffe:.*gateway, expected spiffe:.*orders-service$/,
        async () => filesOf(await mintLeaf(GATEWAY, root), root),
      ],
    };

    it.each(Object.entries(refusals))('refuses %s with one line', async (_case, [line, files]) => {
      await write(directory, await files());
      const failure: unknown = await open({ expectedId: SpiffeId.parse(ORDERS) }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ name: 'IdentityFilesError', directory });
      const { message } = failure as Error;
      expect(message).toMatch(line);
      expect(message.startsWith(`SVID_DIR ${directory}: `)).toBe(true);
      expect(message).not.toContain('\n');
    });

    it('refuses a directory that is not there, or a file', async () => {
      const missing = join(directory, 'none');
      await expect(FileSvidSource.open({ directory: missing })).rejects.toThrow(
        `SVID_DIR ${missing}: `,
      );
      const file = join(directory, 'file');
      await writeFile(file, '');
      await expect(FileSvidSource.open({ directory: file })).rejects.toThrow(
        /cannot be read \(ENOTDIR\)$/,
      );
    });

    it('waits for files that are just being replaced', async () => {
      await write(directory, { ...filesOf(first, root), 'tls.key': second.keyPem });
      const opening = open();
      await delay(20);
      await write(directory, filesOf(second, root));
      expect(isOf(second)((await opening).current())).toBe(true);
    });
  });

  describe('reload', () => {
    beforeEach(() => write(directory, filesOf(first, root)));

    it('keeps the identity while files are missing, cut or mismatched, and says so', async () => {
      const errors: Error[] = [];
      const opened = await open({ onError: (error) => void errors.push(error) });
      let changes = 0;
      opened.subscribe(() => (changes += 1));

      await writeFile(join(directory, 'tls.key'), second.keyPem);
      await delay(150);
      await truncate(join(directory, 'tls.crt'), 100);
      await delay(150);
      await rm(join(directory, 'ca.crt'));
      const missing = `SVID_DIR ${directory}: ca.crt is missing`;
      while (!errors.some(({ message }) => message === missing)) await delay(50);

      expect(changes).toBe(0);
      expect(isOf(first)(opened.current())).toBe(true);
    });

    it('keeps the identity rather than take another service’s', async () => {
      const opened = await open({ expectedId: SpiffeId.parse(ORDERS), onError: () => undefined });
      await write(directory, filesOf(await mintLeaf(GATEWAY, root), root));
      await delay(300);
      expect(isOf(first)(opened.current())).toBe(true);
    });

    it('says that the identity has expired when no new one came', async () => {
      let now = new Date();
      const errors: Error[] = [];
      const onError = (error: Error): void => void errors.push(error);
      await open({ clock: () => now, onError, pollIntervalMs: 50 });
      now = hoursFromNow(2);
      const said = (): string => errors.map(({ message }) => message).join();
      while (!said().includes('the leaf expired at')) await delay(50);
    });

    it('tells every subscriber, though one of them throws', async () => {
      const errors: Error[] = [];
      const opened = await open({ onError: (error) => void errors.push(error) });
      opened.subscribe(() => {
        throw new Error('the listener failed');
      });
      const arrived = contextOf(opened, isOf(second));
      await write(directory, filesOf(second, root));
      await arrived;
      expect(errors.map(({ message }) => message)).toEqual(['the listener failed']);
    });

    it('tells nobody of files that were written anew without a change', async () => {
      const opened = await open();
      let changes = 0;
      opened.subscribe(() => (changes += 1));
      await write(directory, filesOf(first, root));
      await delay(200);
      expect(changes).toBe(0);
    });

    it('tells nobody after it was closed', async () => {
      const opened = await open();
      let changes = 0;
      opened.subscribe(() => (changes += 1));
      opened.close();
      await write(directory, filesOf(second, root));
      await delay(200);
      expect(changes).toBe(0);
    });

    it('takes a pair that is completed after a moment', async () => {
      const opened = await open();
      const arrived = contextOf(opened, isOf(second));
      await writeFile(join(directory, 'tls.crt'), second.pem);
      await delay(120);
      await writeFile(join(directory, 'tls.key'), second.keyPem);
      await arrived;
    });

    it('takes files that are renamed into place, time after time', async () => {
      const opened = await open();
      for (const leaf of [second, first, second]) {
        const arrived = contextOf(opened, isOf(leaf));
        for (const [name, content] of Object.entries(filesOf(leaf, root))) {
          await writeFile(join(directory, `.${name}`), content);
          await rename(join(directory, `.${name}`), join(directory, name));
        }
        await arrived;
      }
    });

    it('takes a new bundle though the certificate stays', async () => {
      const opened = await open();
      const next = await mintAuthority();
      const arrived = contextOf(opened, ({ bundle }) => bundle.roots.length === 2);
      await writeFile(join(directory, 'ca.crt'), root.pem + next.pem);
      expect(isOf(first)(await arrived)).toBe(true);
    });

    it('follows the directory when it is replaced as a whole', async () => {
      const opened = await open();
      for (const leaf of [second, first]) {
        const arrived = contextOf(opened, isOf(leaf));
        await write(`${directory}-new`, filesOf(leaf, root));
        await rename(directory, `${directory}-old`);
        await rename(`${directory}-new`, directory);
        await rm(`${directory}-old`, { recursive: true });
        await arrived;
      }
    });

    it('polls when a change cannot be watched', async () => {
      const target = join(directory, 'elsewhere');
      await write(target, filesOf(first, root));
      const linked = join(directory, 'linked');
      await symlink(target, linked);
      const opened = await open({ directory: linked, pollIntervalMs: 50 });
      const arrived = contextOf(opened, isOf(second));
      await write(join(directory, 'other'), filesOf(second, root));
      await symlink(join(directory, 'other'), `${linked}-new`);
      await rename(`${linked}-new`, linked);
      await arrived;
    });
  });

  it('follows the symlink swaps of a Kubernetes volume without an inconsistent moment', async () => {
    const errors: Error[] = [];
    const swapTo = async (version: string, leaf: Minted): Promise<void> => {
      await write(join(directory, version), filesOf(leaf, root));
      await symlink(version, join(directory, '..data_tmp'));
      await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    };
    await swapTo('..0', first);
    for (const name of ['tls.crt', 'tls.key', 'ca.crt']) {
      await symlink(join('..data', name), join(directory, name));
    }
    const opened = await open({ onError: (error) => void errors.push(error) });
    for (let version = 1; version <= 10; version += 1) {
      const leaf = version % 2 === 0 ? first : second;
      const arrived = contextOf(opened, isOf(leaf));
      await swapTo(`..${version}`, leaf);
      await arrived;
      await rm(join(directory, `..${version - 1}`), { recursive: true });
    }
    expect(errors).toEqual([]);
  });

  it('reads one version, though the names lead to another in the midst of a swap', async () => {
    await write(join(directory, '..old'), filesOf(first, root));
    await write(join(directory, '..new'), filesOf(second, root));
    await symlink('..new', join(directory, '..data'));
    await symlink(join('..old', 'tls.crt'), join(directory, 'tls.crt'));
    await symlink(join('..new', 'tls.key'), join(directory, 'tls.key'));
    await symlink(join('..new', 'ca.crt'), join(directory, 'ca.crt'));
    expect(isOf(second)((await open()).current())).toBe(true);
  });
});
