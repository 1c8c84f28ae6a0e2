import { API_SCOPES, OPENID_SCOPES } from '../api-scopes';

/** What a scope allows, in words for the people who are asked. */
export function scopeWords(scope: string): string {
  return API_SCOPES[scope] ?? OPENID_SCOPES[scope] ?? scope;
}

const ORDER = [...Object.keys(OPENID_SCOPES), ...Object.keys(API_SCOPES)];

/** Scopes in the order in which every page lists them. */
export function inReadingOrder(scopes: readonly string[]): readonly string[] {
  return [...scopes].sort((one, other) => ORDER.indexOf(one) - ORDER.indexOf(other));
}
