/**
 * The text that carries a code: the code first, where notifications show it, and last the line by which phones offer it to
 * pages of this origin and to no other (https://wicg.github.io/sms-one-time-codes/). No link: people learn to follow none.
 *
 * @param issuer public address of the system
 */
export function smsText(code: string, issuer: string): string {
  return `${code} is your Sallyport code. Nobody from Sallyport asks for it: give it to no one.\n\n@${new URL(issuer).hostname} #${code}`;
}
