import Fleet
import Monitoring

/// What orchestrators are told of a fleet.
struct FleetProbe: Probed {
    let supervisor: Supervisor

    /// The supervisor looks after its workers every second; this long without is not normal.
    private static let patience = Duration.seconds(30)

    var deathSentence: String? {
        supervisor.sinceStep > Self.patience ? "the supervisor has not looked after its workers for too long" : nil
    }

    var unreadiness: String? {
        let census = supervisor.census
        if census.isStopping { return "the fleet is draining" }
        return census.ready > 0 || census.desired == 0 ? deathSentence : "no worker of the fleet is ready"
    }
}
