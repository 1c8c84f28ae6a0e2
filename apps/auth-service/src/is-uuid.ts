const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text is a UUID in the one spelling the database gives: anything else could name no row. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
