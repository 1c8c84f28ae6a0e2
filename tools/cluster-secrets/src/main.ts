import { makeClusterSecrets } from './cluster-secrets';
import { SecretFolders } from './secret-folders';

/** `SECRETS_DIR` has a folder for each holder; the addresses are those by which the services reach the stores. */
const {
  SECRETS_DIR = '/var/lib/sallyport/secrets',
  POSTGRES_ADDRESS = 'postgres:5432',
  POSTGRES_CA_FILE = '/run/sallyport/stores/ca.pem',
  REDIS_ADDRESS = 'redis:6379',
} = process.env;

makeClusterSecrets(new SecretFolders(SECRETS_DIR), {
  postgres: POSTGRES_ADDRESS,
  postgresCaFile: POSTGRES_CA_FILE,
  redis: REDIS_ADDRESS,
});
console.log('the secrets of this cluster are there');
