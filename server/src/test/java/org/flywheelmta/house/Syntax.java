package org.flywheelmta.house;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.flywheelmta.house.Sources.Source;
import org.jspecify.annotations.Nullable;

/** What the rules want to know of a source's syntax. */
final class Syntax {
  /**
   * One method or constructor.
   *
   * @param place file and line
   * @param name type, dot, method
   * @param lines from its first modifier to its closing brace
   * @param overrides whether it says that it overrides
   */
  record Method(String place, String name, int lines, int parameters, boolean overrides) {
    String plainName() {
      return name.substring(name.lastIndexOf('.') + 1);
    }
  }

  /** A word of the language's own: a type's name or a use of a name, with its place. */
  record Word(String place, String text) {}

  private Syntax() {}

  static List<Method> methods(Source source, SourcePositions positions) {
    var methods = new ArrayList<Method>();
    new Types() {
      @Override
      public @Nullable Void visitMethod(MethodTree method, @Nullable Void none) {
        long first = source.lineOf(positions.getStartPosition(source.tree(), method));
        long last = source.lineOf(positions.getEndPosition(source.tree(), method));
        methods.add(
            new Method(
                source.path() + ":" + first,
                types.peek() + "." + method.getName(),
                (int) (last - first + 1),
                method.getParameters().size(),
                method.getModifiers().getAnnotations().stream().anyMatch(Syntax::isOverride)));
        return super.visitMethod(method, null);
      }
    }.scan(source.tree(), null);
    return methods;
  }

  /** Names of the types that a source declares, nested ones too. */
  static List<Word> types(Source source, SourcePositions positions) {
    var words = new ArrayList<Word>();
    new Types() {
      @Override
      public @Nullable Void visitClass(ClassTree type, @Nullable Void none) {
        if (!type.getSimpleName().isEmpty()) {
          words.add(new Word(place(source, positions, type), type.getSimpleName().toString()));
        }
        return super.visitClass(type, null);
      }
    }.scan(source.tree(), null);
    return words;
  }

  /** Names that a source uses: {@code name}, {@code owner.name}, {@code @Name}. */
  static List<Word> uses(Source source, SourcePositions positions) {
    var words = new ArrayList<Word>();
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitIdentifier(IdentifierTree name, @Nullable Void none) {
        words.add(new Word(place(source, positions, name), name.getName().toString()));
        return super.visitIdentifier(name, null);
      }

      @Override
      public @Nullable Void visitMemberSelect(MemberSelectTree name, @Nullable Void none) {
        var owner = name.getExpression().toString();
        var last = owner.substring(owner.lastIndexOf('.') + 1);
        words.add(new Word(place(source, positions, name), last + "." + name.getIdentifier()));
        return super.visitMemberSelect(name, null);
      }

      @Override
      public @Nullable Void visitAnnotation(AnnotationTree mark, @Nullable Void none) {
        words.add(new Word(place(source, positions, mark), "@" + mark.getAnnotationType()));
        return super.visitAnnotation(mark, null);
      }
    }.scan(source.tree(), null);
    return words;
  }

  private static boolean isOverride(AnnotationTree mark) {
    return mark.getAnnotationType().toString().equals("Override");
  }

  private static String place(Source source, SourcePositions positions, Tree tree) {
    long start = positions.getStartPosition(source.tree(), tree);
    return start < 0 ? source.path() : source.path() + ":" + source.lineOf(start);
  }

  /** Knows in which type it is. */
  private abstract static class Types extends TreeScanner<@Nullable Void, @Nullable Void> {
    final Deque<String> types = new ArrayDeque<>();

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void none) {
      types.push(type.getSimpleName().toString());
      super.visitClass(type, null);
      types.pop();
      return null;
    }
  }
}
