-- Once, in a new database server: a role and a database of its own for each service. The files hold SCRAM verifiers, not passwords.
\set gateway `cat /run/secrets/sallyport_gateway`
\set auth `cat /run/secrets/sallyport_auth`
\set orders `cat /run/secrets/sallyport_orders`
\set billing `cat /run/secrets/sallyport_billing`
\set certificates `cat /run/secrets/certificates`

CREATE ROLE sallyport_gateway LOGIN PASSWORD :'gateway' CONNECTION LIMIT 20;
CREATE ROLE sallyport_auth LOGIN PASSWORD :'auth' CONNECTION LIMIT 60;
CREATE ROLE sallyport_orders LOGIN PASSWORD :'orders' CONNECTION LIMIT 40;
CREATE ROLE sallyport_billing LOGIN PASSWORD :'billing' CONNECTION LIMIT 40;

CREATE DATABASE sallyport_gateway OWNER sallyport_gateway TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE sallyport_auth OWNER sallyport_auth TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE sallyport_orders OWNER sallyport_orders TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE sallyport_billing OWNER sallyport_billing TEMPLATE template0 ENCODING 'UTF8';

REVOKE ALL ON DATABASE sallyport_gateway, sallyport_auth, sallyport_orders, sallyport_billing FROM PUBLIC;
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;

-- May have the configuration read again, and with it the certificate: nothing else.
CREATE ROLE certificates LOGIN PASSWORD :'certificates' CONNECTION LIMIT 2;
GRANT CONNECT ON DATABASE postgres TO certificates;
GRANT EXECUTE ON FUNCTION pg_reload_conf() TO certificates;
