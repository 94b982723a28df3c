package org.flywheelmta.house;

import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules about the four thread-safety classes. */
final class ThreadSafety {
  private static final String CONCURRENT = "ConcurrentThreadSafe";
  private static final String READ_ONLY = "ReadOnlyThreadSafe";
  private static final String SINGLE = "SingleThreadSafe";
  private static final String NONE = "NonThreadSafe";
  private static final Set<String> CLASSES = Set.of(CONCURRENT, READ_ONLY, SINGLE, NONE);

  /** Rooms whose objects meet several threads. */
  private static final Set<String> ROOMS =
      Set.of(
          "scheduler",
          "disk",
          "spool",
          "message",
          "domain",
          "net",
          "dns",
          "event",
          "hook",
          "intake",
          "auth",
          "sandbox");

  private static final String BASE = "Lorg/flywheelmta/base/";
  private static final Pattern OURS = Pattern.compile("L(org/flywheelmta/[^;<]+)");

  private final Compiled compiled;
  private final List<String> complaints = new ArrayList<>();

  private ThreadSafety(Compiled compiled) {
    this.compiled = compiled;
  }

  static List<String> complaints(Compiled compiled) {
    var rules = new ThreadSafety(compiled);
    compiled.models().values().forEach(rules::judge);
    return rules.complaints;
  }

  private void judge(ClassModel model) {
    var said = said(model);
    if (said.size() > 1) {
      complain(model, "is of several thread-safety classes, " + said + "; choose one");
    }
    if (said.isEmpty() && needsClass(model)) {
      complain(
          model,
          "says nothing of threads; annotate it with one of @ConcurrentThreadSafe,"
              + " @ReadOnlyThreadSafe, @SingleThreadSafe and @NonThreadSafe");
    }
    if (said.contains(READ_ONLY) || (said.isEmpty() && isPublicTop(model) && isValue(model))) {
      fields(model);
    }
    if (said.contains(NONE) && isChecked(model)) {
      entries(model);
    }
  }

  private static Set<String> said(ClassModel model) {
    var said = new TreeSet<String>();
    for (var mark : annotations(model)) {
      var type = mark.className().stringValue();
      var name = type.startsWith(BASE) ? type.substring(BASE.length(), type.length() - 1) : "";
      if (CLASSES.contains(name)) {
        said.add(name);
      }
    }
    return said;
  }

  private static List<Annotation> annotations(ClassModel model) {
    var annotations = new ArrayList<Annotation>();
    model
        .findAttribute(Attributes.runtimeVisibleAnnotations())
        .ifPresent(attribute -> annotations.addAll(attribute.annotations()));
    model
        .findAttribute(Attributes.runtimeInvisibleAnnotations())
        .ifPresent(attribute -> annotations.addAll(attribute.annotations()));
    return annotations;
  }

  private boolean needsClass(ClassModel model) {
    return isPublicTop(model)
        && !model.flags().has(AccessFlag.ANNOTATION)
        && !isValue(model)
        && !isWithoutObjects(model);
  }

  private static boolean isPublicTop(ClassModel model) {
    var name = model.thisClass().asInternalName();
    return ROOMS.contains(Compiled.room(name))
        && model.flags().has(AccessFlag.PUBLIC)
        && name.indexOf('$') < 0;
  }

  /** Records, enums, exceptions, and sealed interfaces of those are read-only without saying so. */
  private boolean isValue(ClassModel model) {
    var parent = parent(model);
    if (parent.equals("java/lang/Record") || parent.equals("java/lang/Enum")) {
      return true;
    }
    if (parent.endsWith("Exception") || parent.endsWith("Error")) {
      return true;
    }
    var permitted = model.findAttribute(Attributes.permittedSubclasses()).orElse(null);
    return permitted != null
        && permitted.permittedSubclasses().stream().allMatch(this::isValueOfOurs);
  }

  private boolean isValueOfOurs(ClassEntry entry) {
    var model = model(entry.asInternalName());
    return model != null && (isValue(model) || said(model).contains(READ_ONLY));
  }

  /** A class of static methods has no objects that could meet a thread. */
  private static boolean isWithoutObjects(ClassModel model) {
    return !model.flags().has(AccessFlag.INTERFACE)
        && model.fields().stream().allMatch(field -> field.flags().has(AccessFlag.STATIC))
        && model.methods().stream()
            .allMatch(
                method ->
                    method.flags().has(AccessFlag.STATIC)
                        || (isConstructor(method) && method.flags().has(AccessFlag.PRIVATE)));
  }

  private void fields(ClassModel model) {
    for (var at = model; at != null; at = model(parent(at))) {
      for (var field : at.fields()) {
        if (!field.flags().has(AccessFlag.STATIC)) {
          field(model, field);
        }
      }
    }
  }

  private void field(ClassModel owner, FieldModel field) {
    var name = field.fieldName().stringValue();
    if (!field.flags().has(AccessFlag.FINAL)) {
      complain(
          owner,
          "is read-only, but its field `"
              + name
              + "` is not final; make it final, or replace the"
              + " object with a new version");
    }
    var type =
        field
            .findAttribute(Attributes.signature())
            .map(signature -> signature.signature().stringValue())
            .orElse(field.fieldType().stringValue());
    var matcher = OURS.matcher(type);
    while (matcher.find()) {
      var held = model(matcher.group(1));
      if (held != null && (said(held).contains(NONE) || said(held).contains(SINGLE))) {
        complain(
            owner,
            "is read-only, but its field `"
                + name
                + "` holds a `"
                + plain(held)
                + "`, which"
                + " belongs to one thread; keep an id instead, or annotate the owner as what it is");
      }
    }
  }

  private static boolean isChecked(ClassModel model) {
    for (var mark : annotations(model)) {
      for (var element : mark.elements()) {
        if (mark.className().stringValue().equals(BASE + NONE + ";")
            && element.name().stringValue().equals("checked")
            && element.value() instanceof AnnotationValue.OfBoolean checked) {
          return checked.booleanValue();
        }
      }
    }
    return false;
  }

  private void entries(ClassModel model) {
    for (var method : model.methods()) {
      if (isEntry(method) && !beginsWithCheck(method)) {
        complain(
            model,
            "lets any thread into `"
                + method.methodName().stringValue()
                + "`; begin it with the `check()` of its scheduler");
      }
    }
  }

  private static boolean isEntry(MethodModel method) {
    return method.flags().has(AccessFlag.PUBLIC)
        && !method.flags().has(AccessFlag.STATIC)
        && !method.flags().has(AccessFlag.SYNTHETIC)
        && method.code().isPresent()
        && !isConstructor(method);
  }

  private static boolean beginsWithCheck(MethodModel method) {
    var code = method.code().orElseThrow();
    for (var element : code) {
      if (element instanceof InvokeInstruction call) {
        return call.owner().asInternalName().equals("org/flywheelmta/scheduler/Scheduler")
            && call.name().stringValue().equals("check")
            && call.type().stringValue().equals("()V");
      }
    }
    return false;
  }

  private static boolean isConstructor(MethodModel method) {
    return method.methodName().equalsString("<init>");
  }

  private static String parent(ClassModel model) {
    return model.superclass().map(ClassEntry::asInternalName).orElse("");
  }

  private @Nullable ClassModel model(String internalName) {
    return compiled.models().get(internalName);
  }

  private void complain(ClassModel model, String text) {
    complaints.add("`" + plain(model) + "` " + text);
  }

  private static String plain(ClassModel model) {
    return Compiled.plain(model.thisClass().asInternalName());
  }
}
