import { DEVICE_LIFETIME_SECONDS } from './trusted-device';

const NAME = '__Host-sallyport-device';

/** As the gateway sets it after a sign-in by its API: no other site's request carries it, and no script reads it. */
const ATTRIBUTES = `Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=${String(DEVICE_LIFETIME_SECONDS)}`;

/** `Set-Cookie` for what a browser is to present from now on. */
export function deviceCookie(deviceTokens: string): string {
  return `${NAME}=${deviceTokens}; ${ATTRIBUTES}`;
}

/** What a browser presents, in all cookies of the name: a sibling host may have planted another one. */
export function presentedDevices(cookies: string | undefined): string {
  return (cookies ?? '')
    .split(/;\s*/)
    .filter((pair) => pair.startsWith(`${NAME}=`))
    .map((pair) => pair.slice(NAME.length + 1))
    .join('&');
}
