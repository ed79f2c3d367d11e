extension InferenceError {
    /// A tensor that does not fit an operator while the model runs.
    static func shape(_ cause: String, at place: String) -> InferenceError {
        InferenceError(
            .shapeMismatch, what: "A tensor does not fit the operator", place: place, cause: cause,
            remedy: "Give an input of the shape the model declares, or export the model again")
    }
}
