// Takes mail by the npm package smtp-server and writes each as a file into a folder.
// Offers STARTTLS where it is given a file with a certificate and its key.
//   node smtp-server.js NODE_MODULES ADDRESS PORT FOLDER [PEM]
const path = require('path');
const fs = require('fs');
const [modules, address, port, folder, pem] = process.argv.slice(2);
const { SMTPServer } = require(path.join(modules, 'smtp-server'));
let count = 0;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: pem ? ['AUTH'] : ['STARTTLS', 'AUTH'],
  ...(pem && { key: fs.readFileSync(pem), cert: fs.readFileSync(pem) }),
  onData(stream, session, done) {
    const parts = [];
    stream.on('data', part => parts.push(part));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map(rcpt => rcpt.address).join(',');
      fs.writeFileSync(path.join(folder, `${++count}.part`), `${to}\n${Buffer.concat(parts)}`);
      fs.renameSync(path.join(folder, `${count}.part`), path.join(folder, `${count}.mail`));
      done(null, 'kept');
    });
  },
});
server.listen(Number(port), address, () => console.log('listening'));
