import { API_SCOPES, OPENID_SCOPES } from '../api-scopes';

/** What a scope allows, in words for the people who are asked. */
export function scopeWords(scope: string): string {
  return API_SCOPES[scope] ?? OPENID_SCOPES[scope] ?? scope;
}
