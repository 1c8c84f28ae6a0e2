import { curlCommands, partnerCurlCommand } from './curl-commands';

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

describe('partnerCurlCommand', () => {
  it('shows the certificate, quoted where a shell would take it apart', () => {
    const command = partnerCurlCommand({
      partnersUrl: 'https://localhost:8444',
      caFile: 'certs/dev/ca.pem',
      certificateFolder: '/my code/partner/acme',
    });

    expect(command).toBe(
      "curl -sS --cacert certs/dev/ca.pem --cert '/my code/partner/acme/tls.crt' --key '/my code/partner/acme/tls.key' -w '\\n' https://localhost:8444/orders",
    );
  });
});
