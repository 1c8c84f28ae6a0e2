import { byDefault, mountsOf, type ComposeFile, type ComposeService } from './compose-file';

/** Jobs without a listener: one ends, the others end when what they do fails. And images with nothing that could ask. */
const WITHOUT_HEALTH = new Set([
  'secrets',
  'postgres-certificates',
  'redis-certificates',
  'otel-collector',
  'tempo',
  'loki',
]);

const BY_DIGEST = /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;
const OWN = /^sallyport\/[a-z-]+:\d+\.\d+\.\d+$/;

/** What every container is held to, each as the complaint about one that is not. */
const RULES: Readonly<Record<string, (service: ComposeService, name: string) => boolean>> = {
  'writes to its root file system': ({ read_only }) => read_only === true,
  'keeps capabilities': ({ cap_drop = [], cap_add = [] }) =>
    cap_drop.join() === 'ALL' && cap_add.length === 0,
  'may gain privileges': ({ security_opt = [], privileged = false }) =>
    security_opt.join() === 'no-new-privileges:true' && !privileged,
  'is root, or whoever its image says': ({ user = '' }) => /^[1-9]\d*:[1-9]\d*$/.test(user),
  'shares a namespace or a device of the machine': ({ network_mode, pid, ipc, devices = [] }) =>
    [undefined, 'none'].includes(network_mode) && !pid && !ipc && devices.length === 0,
  'has no limits': ({ deploy }) => {
    const { cpus, memory, pids } = deploy?.resources?.limits ?? {};
    return Boolean(cpus && memory && pids);
  },
  'is not restarted': ({ restart = 'no' }) => restart !== 'no' && restart !== 'always',
  'has no health check': ({ healthcheck }, name) =>
    WITHOUT_HEALTH.has(name) || (healthcheck?.disable !== true && Boolean(healthcheck?.test)),
  'has a health check that takes a shell': ({ healthcheck }) =>
    !healthcheck?.test || healthcheck.test[0] === 'CMD',
  'is of an image that is not pinned': ({ image = '', build }) => {
    const reference = byDefault(image);
    return build === undefined ? BY_DIGEST.test(reference) : OWN.test(reference);
  },
  'has a secret in its environment': ({ environment = {} }) =>
    Object.entries(environment).every(([variable, value]) =>
      isHarmless(variable, `${value ?? ''}`),
    ),
  'writes to files of the machine, or sees others than the repository’s own': (service) =>
    mountsOf(service).every(
      ({ source, isBind, isReadOnly }) =>
        !isBind || (isReadOnly && /^\.\/(?:docker|deploy)\//.test(source)),
    ),
};

/** `service: complaint` for each. */
export function hardeningProblems({ services }: ComposeFile): readonly string[] {
  return Object.entries(services).flatMap(([name, service]) =>
    Object.entries(RULES).flatMap(([complaint, isKept]) =>
      isKept(service, name) ? [] : [`${name}: ${complaint}`],
    ),
  );
}

/** A file's name is no secret; a URL with a password, and whatever is called one, is. */
function isHarmless(variable: string, value: string): boolean {
  if (/:\/\/[^/]*:[^/]*@/.test(value)) return false;
  const isNamedSo = /PASSWORD|SECRET|TOKEN$|KEY|CREDENTIAL|_URL$/.test(variable);
  const isReference =
    /(?:_FILE|__FILE)$/.test(variable) || /^https?:\/\/[\w.:-]+$/.test(byDefault(value));
  return !isNamedSo || isReference || value === '';
}
