/** A value that notes what of it is read. */
export interface RecordedReads<Value> {
  readonly recorded: Value;
  /** Dotted paths of the properties that nobody has read. */
  readonly unread: () => readonly string[];
}

/** Follows reads through objects and arrays. What is not read itself is named, and not what it holds. */
export function recordReads<Value extends object>(value: Value): RecordedReads<Value> {
  const reads = new Map<object, Set<string>>();
  const proxies = new WeakMap<object, object>();
  const recordedOf = <Part extends object>(part: Part): Part => {
    const known = proxies.get(part);
    if (known) return known as Part;
    const seen = new Set<string>();
    reads.set(part, seen);
    const proxy = new Proxy(part, {
      get(target, key, receiver) {
        const property: unknown = Reflect.get(target, key, receiver);
        if (typeof key === 'string') seen.add(key);
        return typeof property === 'object' && property !== null ? recordedOf(property) : property;
      },
    });
    proxies.set(part, proxy);
    return proxy;
  };
  const unreadOf = (part: object, path: string): readonly string[] =>
    Object.entries(part).flatMap(([key, property]: [string, unknown]) => {
      const own = path === '' ? key : `${path}.${key}`;
      if (reads.get(part)?.has(key) !== true) return [own];
      return typeof property === 'object' && property !== null ? unreadOf(property, own) : [];
    });
  const recorded = recordedOf(value);
  return { recorded, unread: () => unreadOf(value, '') };
}
