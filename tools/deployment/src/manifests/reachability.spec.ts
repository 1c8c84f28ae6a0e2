import type { Manifest } from './manifest';
import { isAllowed, namespaceLabels, type Connection, type Endpoint } from './reachability';

const pod = (name: string, namespace = 'a'): Endpoint => ({
  namespace: namespaceLabels(namespace),
  labels: { name },
});
const policy = (spec: object, namespace = 'a'): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace },
  spec: { ...spec },
});
const DENY = policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const toServer = { podSelector: { matchLabels: { name: 'server' } } };
const allowIn = (rule: object) =>
  policy({ ...toServer, policyTypes: ['Ingress'], ingress: [rule] });
const allowOut = (rule: object) =>
  policy({ podSelector: {}, policyTypes: ['Egress'], egress: [rule] });
const OUT = allowOut({});

const call: Connection = { from: pod('client'), to: pod('server'), port: 80, protocol: 'TCP' };

describe('network policies', () => {
  it.each<[string, boolean, Manifest[], Partial<Connection>]>([
    ['no policy at all', true, [], {}],
    ['a denial of everything', false, [DENY], {}],
    [
      'a denial in another namespace',
      true,
      [{ ...DENY, metadata: { name: 'p', namespace: 'b' } }],
      {},
    ],
    ['one end alone', false, [DENY, allowIn({})], {}],
    ['the other end alone', false, [DENY, OUT], {}],
    ['both ends', true, [DENY, OUT, allowIn({})], {}],
    [
      'an empty list of rules',
      false,
      [OUT, policy({ ...toServer, policyTypes: ['Ingress'], ingress: [] })],
      {},
    ],
    [
      'rules of a direction that is not named',
      false,
      [DENY, OUT, policy({ ...toServer, policyTypes: ['Egress'], ingress: [{}] })],
      {},
    ],
    ['another port', false, [DENY, OUT, allowIn({ ports: [{ port: 81 }] })], {}],
    ['the port', true, [DENY, OUT, allowIn({ ports: [{ port: 81 }, { port: 80 }] })], {}],
    ['a range of ports', true, [DENY, OUT, allowIn({ ports: [{ port: 79, endPort: 80 }] })], {}],
    [
      'the port of another protocol',
      false,
      [DENY, OUT, allowIn({ ports: [{ port: 80 }] })],
      { protocol: 'UDP' },
    ],
    [
      'another pod',
      false,
      [DENY, OUT, allowIn({ from: [{ podSelector: { matchLabels: { name: 'x' } } }] })],
      {},
    ],
    ['no peer', false, [DENY, OUT, allowIn({ from: [] })], {}],
    [
      'pods of its own namespace only',
      false,
      [OUT, allowIn({ from: [{ podSelector: {} }] })],
      { from: pod('client', 'b') },
    ],
    ['pods of its own namespace', true, [DENY, OUT, allowIn({ from: [{ podSelector: {} }] })], {}],
    [
      'a namespace',
      true,
      [allowIn({ from: [{ namespaceSelector: { matchLabels: namespaceLabels('b') } }] })],
      { from: pod('client', 'b') },
    ],
    [
      'another pod of that namespace',
      false,
      [allowIn({ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { name: 'x' } } }] })],
      { from: pod('client', 'b') },
    ],
    [
      'an address in the block',
      true,
      [allowIn({ from: [{ ipBlock: { cidr: '10.1.0.0/16' } }] })],
      { from: { address: '10.1.2.3' } },
    ],
    [
      'an address beside the block',
      false,
      [allowIn({ from: [{ ipBlock: { cidr: '10.1.0.0/16' } }] })],
      { from: { address: '10.2.2.3' } },
    ],
    [
      'an exception from the block',
      false,
      [allowIn({ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] })],
      { from: { address: '10.1.2.3' } },
    ],
    [
      'everybody, outside too',
      true,
      [allowIn({ ports: [{ port: 80 }] })],
      { from: { address: '203.0.113.9' } },
    ],
    [
      'the way out by block',
      true,
      [allowOut({ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] })],
      { to: { address: '192.0.2.7' } },
    ],
    [
      'labels by expression',
      true,
      [
        DENY,
        OUT,
        allowIn({
          from: [
            {
              podSelector: {
                matchExpressions: [{ key: 'name', operator: 'In', values: ['client'] }],
              },
            },
          ],
        }),
      ],
      {},
    ],
    [
      'labels excluded by expression',
      false,
      [
        DENY,
        OUT,
        allowIn({
          from: [
            {
              podSelector: {
                matchExpressions: [{ key: 'name', operator: 'NotIn', values: ['client'] }],
              },
            },
          ],
        }),
      ],
      {},
    ],
  ])('%s: %p', (_name, allowed, policies, change) => {
    expect(isAllowed(policies, { ...call, ...change })).toBe(allowed);
  });
});
