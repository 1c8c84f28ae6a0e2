import { curlCommands } from './curl-commands';

describe('curlCommands', () => {
  it('are three lines to copy as they stand', () => {
    const account = { email: 'alice@example.com', password: 'p', role: 'customer', scopes: [] };

    expect(
      curlCommands({
        gatewayUrl: 'https://localhost:8443',
        caFile: 'certs/dev/ca.pem',
        account,
        sku: 'keep-key',
      }),
    ).toMatchSnapshot();
  });

  it('quote a path that a shell would take apart', () => {
    const [products] = curlCommands({
      gatewayUrl: 'https://localhost:8443',
      caFile: "/home/o'brien/my code/ca.pem",
      account: undefined,
      sku: 'keep-key',
    });

    expect(products).toContain(String.raw`--cacert '/home/o'\''brien/my code/ca.pem'`);
  });
});
