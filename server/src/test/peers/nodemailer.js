// Sends the mail that it reads by the npm package nodemailer over TLS to localhost, which it verifies.
//   node nodemailer.js NODE_MODULES starttls|implicit PORT AUTHORITIES SENDER RECIPIENT
const path = require('path');
const fs = require('fs');
const [modules, mode, port, authorities, from, to] = process.argv.slice(2);
const nodemailer = require(path.join(modules, 'nodemailer'));
nodemailer
  .createTransport({
    host: 'localhost',
    port: Number(port),
    secure: mode === 'implicit',
    requireTLS: mode !== 'implicit',
    tls: { ca: fs.readFileSync(authorities) },
  })
  .sendMail({ envelope: { from, to: [to] }, raw: fs.readFileSync(0) });
