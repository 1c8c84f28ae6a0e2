import 'reflect-metadata';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { mintAuthority, mintLeaf, ORDERS } from './certificate.fixture';
import { FileSvidSource } from './file-svid.source';
import { SpiffeId } from './spiffe-id';

const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;

/**
 * What cert-manager's CSI driver for SPIFFE asks for and writes: no subject, so a critical SAN with the id alone; digitalSignature
 * and keyEncipherment; the chain without its root; PKCS#8; all in a folder that is swapped through `..data`.
 */
it('reads what the SPIFFE driver of cert-manager writes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cert-manager-'));
  const root = await mintAuthority();
  const leaf = await mintLeaf(ORDERS, root, {
    subject: '',
    parts: {
      basicConstraints: new x509.BasicConstraintsExtension(false, undefined, true),
      keyUsage: new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
      names: new x509.SubjectAlternativeNameExtension([{ type: 'url', value: ORDERS }], true),
    },
  });
  const files = { 'tls.crt': leaf.pem, 'tls.key': leaf.keyPem, 'ca.crt': root.pem };
  await mkdir(join(directory, '..2026_11_27'));
  await symlink('..2026_11_27', join(directory, '..data'));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, '..2026_11_27', name), content);
    await symlink(join('..data', name), join(directory, name));
  }
  const source = await FileSvidSource.open({ directory, expectedId: SpiffeId.parse(ORDERS) });
  expect(source.current().svid.chain).toEqual([leaf.der]);
  source.close();
  await rm(directory, { recursive: true });
});
