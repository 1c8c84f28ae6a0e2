/** Tested in this order: most browsers also name those they descend from. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Firefox\//, 'Firefox'],
  [/Edg(?:A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux|CrOS/, 'Linux'],
];

const LONGEST = 60;

/** What a client calls itself, in words its owner knows: it is shown, and believed by nobody. */
export function userAgentWords(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent === '') return 'An unnamed browser';
  return knownUserAgentWords(userAgent) ?? userAgent.slice(0, LONGEST);
}

/** The names of a browser and a system that are known here, and nothing else of what the client says. */
export function knownUserAgentWords(userAgent = ''): string | undefined {
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (browser === undefined) return undefined;
  return system === undefined ? browser : `${browser} on ${system}`;
}
