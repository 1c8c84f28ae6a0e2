import fc from 'fast-check';
import { parseStrictJsonObject } from './strict-json';

const parse = (text: string) => parseStrictJsonObject(Buffer.from(text));

describe('parseStrictJsonObject', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['text', '"a"'],
    ['two objects', '{}{}'],
    ['a trailing comma', '{"a":1,}'],
    ['a byte order mark', '\ufeff{}'],
    ['a repeated member', '{"a":1,"b":2,"a":1}'],
    ['a repeated member, escaped', '{"a":1,"\\u0061":1}'],
    ['a repeated nested member', '{"a":[{"b":1,"b":2}]}'],
    ['a repeated __proto__', '{"__proto__":1,"__proto__":2}'],
    ['a repeated empty name', '{"":1,"":2}'],
  ])('refuses %s', (_name, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(
      parseStrictJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    ).toBeUndefined();
  });

  it('refuses any member that is written twice', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (name, first, second) => {
        const member = (value: unknown) => `${JSON.stringify(name)}:${JSON.stringify(value)}`;
        expect(parse(`{${member(first)} , ${member(second)}}`)).toBeUndefined();
      }),
    );
  });

  it('gives what JSON.parse gives for every object without repeated members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('takes equal names in different objects, and text that looks like a member', () => {
    expect(parse('{"a":{"a":1},"b":[{"a":1},{"a":2}],"c":"\\"a\\":1,\\"a\\":2"}')).toBeDefined();
  });
});
