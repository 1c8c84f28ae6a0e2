import type { HygieneRefusal, RequestHead } from './hygiene-check';

/**
 * Slash-led segments of RFC 3986 path characters without `;` and without percent-encoding: no route has a character that
 * needs it, so an encoded path can only mean to be read differently elsewhere.
 */
const NORMAL_PATH = /^(?:\/|(?:\/[\w\-.~!$&'()*+,=:@]+)+)$/;

const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

/** Visible ASCII without `#` and `\`. */
const QUERY = /^[!"$-[\]-~]*$/;

/**
 * Refuses a request target that two readers could resolve to different routes: empty or dot segments, a slash at the end,
 * `;` parameters, backslashes, percent-encoding, non-ASCII, a fragment, the absolute and asterisk forms.
 */
export function checkRequestTarget({ url = '' }: RequestHead): HygieneRefusal | undefined {
  const queryStart = url.indexOf('?');
  const path = queryStart === -1 ? url : url.slice(0, queryStart);
  const query = queryStart === -1 ? '' : url.slice(queryStart + 1);
  const isNormal = NORMAL_PATH.test(path) && !DOT_SEGMENT.test(path) && QUERY.test(query);
  return isNormal ? undefined : 'path_not_normalised';
}
