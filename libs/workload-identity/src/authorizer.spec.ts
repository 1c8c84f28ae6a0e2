import { authorizeId, authorizeMemberOf, authorizeOneOf } from './authorizer';
import { GATEWAY, ORDERS } from './certificate.fixture';
import { SpiffeId } from './spiffe-id';
import { TrustDomain } from './trust-domain';

const [orders, gateway] = [SpiffeId.parse(ORDERS), SpiffeId.parse(GATEWAY)];
const foreign = SpiffeId.parse(ORDERS.replace('sallyport.internal', 'sallyport.example'));

describe('authorizers', () => {
  it.each([
    ['another workload', authorizeId(orders), gateway],
    ['the same path of another trust domain', authorizeId(orders), foreign],
    ['a workload that is not listed', authorizeOneOf([orders]), gateway],
    ['anyone, when nobody is listed', authorizeOneOf([]), orders],
    [
      'a member of another trust domain',
      authorizeMemberOf(TrustDomain.parse('sallyport.internal')),
      foreign,
    ],
  ])('refuse %s', (_case, authorizer, peer) => {
    expect(authorizer(peer)).toBe(false);
  });

  it('authorize whom they name', () => {
    expect(authorizeId(orders)(SpiffeId.parse(ORDERS))).toBe(true);
    expect(authorizeOneOf([gateway, orders])(orders)).toBe(true);
    expect(authorizeMemberOf(orders.trustDomain)(gateway)).toBe(true);
  });
});
