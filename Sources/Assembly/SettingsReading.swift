import Configuration
import Foundation
import TaskQueue

/// One place that settings come from.
struct SettingsLayer {
    /// What it says about keys.
    let reader: ConfigReader
    /// Where a person finds a key in it.
    let whereabouts: (String) -> String

    init(_ provider: some ConfigProvider, whereabouts: @escaping (String) -> String) {
        reader = ConfigReader(provider: provider)
        self.whereabouts = whereabouts
    }
}

/// Reads keys one by one, each from the first layer that has it, and gathers what is wrong with them.
struct SettingsReading {
    private let layers: [SettingsLayer]
    private(set) var complaints: [String] = []

    init(_ layers: [SettingsLayer]) {
        self.layers = layers
    }

    private func key(_ name: String) -> ConfigKey {
        ConfigKey(name.split(separator: ".").map(String.init))
    }

    /// The layer that decides about a key: one value of a wrong type is a complaint, and no reason to ask the next.
    private func layer(of name: String) -> SettingsLayer? {
        let key = key(name)
        return layers.first { $0.reader.string(forKey: key) != nil || $0.reader.stringArray(forKey: key) != nil }
    }

    mutating func complain(_ name: String, _ problem: String) {
        complain("\(name): \(problem)", about: name)
    }

    private mutating func complain(_ sentence: String, about name: String) {
        complaints.append(layer(of: name).map { "\(sentence); see \($0.whereabouts(name))" } ?? sentence)
    }

    mutating func optionalText(_ name: String) -> String? {
        guard let layer = layer(of: name) else { return nil }
        if let text = layer.reader.string(forKey: key(name)) { return text }
        complain(name, "must be text")
        return nil
    }

    /// A text that says something; an empty one is none.
    mutating func filled(_ name: String) -> String? {
        optionalText(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    mutating func text(_ name: String, _ fallback: String) -> String {
        optionalText(name) ?? fallback
    }

    mutating func choice(_ name: String, _ choices: [String], _ fallback: String) -> String {
        let value = text(name, fallback)
        if !choices.contains(value) { complain(name, "must be one of \(choices.joined(separator: ", "))") }
        return value
    }

    mutating func number(_ name: String, _ range: ClosedRange<Int>, _ fallback: Int) -> Int {
        guard let layer = layer(of: name) else { return fallback }
        guard let value = layer.reader.int(forKey: key(name)) else {
            complain(name, "must be a whole number")
            return fallback
        }
        guard range.contains(value) else {
            complain(name, "must be from \(range.lowerBound) to \(range.upperBound)")
            return fallback
        }
        return value
    }

    mutating func duration(_ name: String, _ fallback: Duration) -> Duration {
        guard let text = optionalText(name) else { return fallback }
        guard let duration = Duration(typed: text), duration > .zero else {
            complain(name, "must be a time over zero, as 500ms, 5s or 2m")
            return fallback
        }
        return duration
    }

    mutating func check(url: String, _ name: String) {
        do throws(SettingsError) {
            _ = try StoreURL(url, key: name)
        } catch {
            for complaint in error.complaints { complain(complaint, about: name) }
        }
    }

    /// A list, or one text with commas.
    mutating func list(_ name: String) -> [String] {
        guard let layer = layer(of: name) else { return [] }
        let texts =
            layer.reader.stringArray(forKey: key(name))
            ?? layer.reader.string(forKey: key(name))?.split(separator: ",").map(String.init) ?? []
        return texts.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
