package org.flywheelmta.config;

import java.util.Map;

/** The files in memory keep to the contract. */
final class MemoryConfigFilesTest extends ConfigFilesContract {
  @Override
  protected ConfigFiles files(Map<String, String> texts) {
    var files = new MemoryConfigFiles();
    texts.forEach(files::with);
    return files;
  }

  @Override
  protected String root() {
    return "";
  }
}
