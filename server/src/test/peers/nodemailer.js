// Sends the mail that it reads by the npm package nodemailer over TLS to localhost, which it verifies.
// Where it is given a name and a password it logs in by the mechanism.
//   node nodemailer.js NODE_MODULES starttls|implicit PORT AUTHORITIES SENDER RECIPIENT
//     [MECHANISM NAME PASSWORD]
const path = require('path');
const fs = require('fs');
const [modules, mode, port, authorities, from, to, method, user, pass] = process.argv.slice(2);
const nodemailer = require(path.join(modules, 'nodemailer'));
nodemailer
  .createTransport({
    host: 'localhost',
    port: Number(port),
    secure: mode === 'implicit',
    requireTLS: mode !== 'implicit',
    tls: { ca: fs.readFileSync(authorities) },
    ...(method && { authMethod: method, auth: { user, pass } }),
  })
  .sendMail({ envelope: { from, to: [to] }, raw: fs.readFileSync(0) });
