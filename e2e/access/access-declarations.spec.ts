import { accessDeclarations as ofAuthService } from '@sallyport/auth-service/access';
import { accessDeclarations as ofBillingService } from '@sallyport/billing-service/access';
import { accessDeclarations as ofGateway } from '@sallyport/gateway/access';
import { accessDeclarations as ofOrdersService } from '@sallyport/orders-service/access';
import type { AccessDeclaration } from '@sallyport/nest-zero-trust';

/** One line a handler: what it is reached by, whose certificate may call it, who has to be behind the call, and how authenticated. */
function lineOf(declaration: AccessDeclaration): string {
  const { transport, target, callers = ['anyone'], identity, authentication } = declaration;
  const needed = authentication === undefined ? [] : [authentication];
  return [transport.padEnd(4), target, callers.join(', '), identity, ...needed].join(' | ');
}

it('every handler of every service is open to those alone that this table names', async () => {
  const declared = {
    gateway: await ofGateway(),
    'auth-service': await ofAuthService(),
    'orders-service': await ofOrdersService(),
    'billing-service': await ofBillingService(),
  };
  const table = Object.entries(declared).flatMap(([service, declarations]) => [
    service,
    ...declarations.map((declaration) => `  ${lineOf(declaration)}`),
  ]);
  expect(table.join('\n')).toMatchSnapshot();
});
