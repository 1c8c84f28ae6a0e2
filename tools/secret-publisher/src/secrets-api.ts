import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';

/** Where a pod finds its namespace, its token and the authority of the API server. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

const FIELD_MANAGER = 'sallyport-secret-publisher';
const TIMEOUT_MS = 10_000;

export interface SecretsApiOptions {
  /** `host:port` of the API server. */
  readonly address: { readonly host: string; readonly port: number };
  /** Holds `namespace`, `token` and `ca.crt`; read for each call, since the platform renews them. */
  readonly serviceAccountFolder: string;
}

/** The one call of the Kubernetes API that is needed here. */
export class SecretsApi {
  constructor(private readonly options: SecretsApiOptions) {}

  /**
   * Creates the Secret, or makes its data what is given (server-side apply): keys that are not given any more go.
   *
   * @throws Error with the API server's status and reason, without the content
   */
  async apply(name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const { serviceAccountFolder: folder } = this.options;
    const [namespace, token, ca] = await Promise.all(
      ['namespace', 'token', 'ca.crt'].map((file) => readFile(join(folder, file), 'utf8')),
    );
    const labels = { 'app.kubernetes.io/part-of': 'sallyport' };
    const body = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace, labels },
      type: 'Opaque',
      data,
    };
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}?fieldManager=${FIELD_MANAGER}&force=true`;
    await this.#patch(path, JSON.stringify(body), token ?? '', ca);
  }

  #patch(path: string, body: string, token: string, ca: string | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = request(
        {
          ...this.options.address,
          path,
          method: 'PATCH',
          ca,
          minVersion: 'TLSv1.2',
          signal: AbortSignal.timeout(TIMEOUT_MS),
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/apply-patch+yaml',
            'content-length': Buffer.byteLength(body),
          },
        },
        (response) => {
          response.resume();
          const { statusCode = 0 } = response;
          if (statusCode === 200 || statusCode === 201) resolve();
          else reject(new Error(`the API server answered ${statusCode}`));
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  }
}
