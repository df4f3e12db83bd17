/// The version of the programs, which are built together.
public enum Version {
  public static let current = "0.1.0"
}
