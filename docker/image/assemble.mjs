// Lays out what an image holds:  node assemble.mjs APP BUILT INSTALLED OUT
//   APP        name of a workspace package without its scope
//   BUILT      the repository with every dist/
//   INSTALLED  the manifests with the production dependencies of that package alone
//   OUT        app/ (the paths of the repository, so that its links hold) and state/ (folders the app writes to)
import {
  cpSync,
  existsSync,
  globSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join, relative } from 'node:path';

const SCOPE = '@sallyport/';
const SERVICES = ['gateway', 'auth-service', 'orders-service', 'billing-service'];
/** What the apps that are jobs keep, where volumes are mounted: a new one takes its owner from the folder. */
const STATE = {
  'dev-ca': [
    ...[...SERVICES, 'otel-collector'].map((holder) => `certificates/workloads/${holder}`),
    'certificates/public',
    'certificates/partner/acme',
    'certificates/stores/postgres',
    'certificates/stores/redis',
  ],
  'cluster-secrets': [
    ...SERVICES,
    'postgres',
    'postgres-certificates',
    'redis',
    'redis-certificates',
    'grafana',
  ].map((holder) => `secrets/${holder}`),
};
const ENTRY = { 'dev-ca': 'dist/cli.js' };
/** Neither run nor needed to read a stack. */
const LEFT_OUT = /\.(?:d\.[cm]?ts|map|tsbuildinfo)$/;
/** Of every file: an image is the same whenever it is built. */
const EPOCH = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000);

const [app, built, installed, out] = process.argv.slice(2);
const workspaces = new Map(
  globSync(['{apps,libs,tools}/*/package.json', 'certs/package.json'], { cwd: built }).map(
    (file) => {
      const manifest = JSON.parse(readFileSync(join(built, file), 'utf8'));
      return [manifest.name, { folder: join(file, '..'), manifest }];
    },
  ),
);

/** The package and what it needs of the workspace, each once. */
function closureOf(name, found = new Set()) {
  const workspace = workspaces.get(name);
  if (!workspace) throw new Error(`there is no workspace package ${name}`);
  if (!found.has(name)) {
    found.add(name);
    for (const each of Object.keys(workspace.manifest.dependencies ?? {})) {
      if (each.startsWith(SCOPE)) closureOf(each, found);
    }
  }
  return found;
}

function copy(from, to) {
  if (!existsSync(from)) return;
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !LEFT_OUT.test(path),
  });
}

const target = join(out, 'app');
const needed = closureOf(SCOPE + app);
copy(join(installed, 'node_modules'), join(target, 'node_modules'));
for (const name of readdirSync(join(target, 'node_modules', SCOPE))) {
  if (!needed.has(SCOPE + name)) rmSync(join(target, 'node_modules', SCOPE, name));
}
for (const name of needed) {
  const { folder } = workspaces.get(name);
  copy(join(built, folder, 'package.json'), join(target, folder, 'package.json'));
  copy(join(built, folder, 'dist'), join(target, folder, 'dist'));
  copy(join(installed, folder, 'node_modules'), join(target, folder, 'node_modules'));
}
// npm's own record of the installation tells nothing here.
rmSync(join(target, 'node_modules', '.package-lock.json'), { force: true });
copy(join(built, 'docker/image/health.mjs'), join(target, 'health.mjs'));
copy(join(built, 'LICENSE'), join(target, 'LICENSE'));
const { folder } = workspaces.get(SCOPE + app);
symlinkSync(join(folder, ENTRY[app] ?? 'dist/main.js'), join(target, 'main.js'));
mkdirSync(join(out, 'state'), { recursive: true });
for (const path of STATE[app] ?? []) mkdirSync(join(out, 'state', path), { recursive: true });
for (const path of globSync('**', { cwd: out })) lutimesSync(join(out, path), EPOCH, EPOCH);
