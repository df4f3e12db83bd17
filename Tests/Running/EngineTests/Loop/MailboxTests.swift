import Glibc
import Testing

@testable import Engine

@Suite("Mailbox")
struct MailboxTests {
  @Test("keeps the order of arrival and empties itself")
  func order() {
    let mailbox = Mailbox<Int>()
    for message in 0..<5 { mailbox.post(message) }
    #expect(mailbox.take(waiting: nil) == [0, 1, 2, 3, 4])
    #expect(mailbox.take(waiting: nil).isEmpty)
  }

  @Test("returns at once where something has arrived, and after the timeout where nothing does")
  func timeout() {
    let mailbox = Mailbox<Int>()
    mailbox.post(1)
    let clock = ContinuousClock()
    #expect(mailbox.take(waiting: .seconds(60)) == [1])
    let waited = clock.measure { #expect(mailbox.take(waiting: .milliseconds(20)).isEmpty) }
    #expect(waited >= .milliseconds(19))
    let briefly = clock.measure { #expect(mailbox.take(waiting: .zero).isEmpty) }
    #expect(briefly < .seconds(5))
  }

  @Test("an expected message is waited for, and one that does not come is given up")
  func expectation() {
    let mailbox = Mailbox<Int>(patience: .milliseconds(5))
    mailbox.expectMessage()
    let waited = ContinuousClock().measure { #expect(mailbox.take(waiting: .milliseconds(20)).isEmpty) }
    #expect(waited >= .milliseconds(19) && waited < .seconds(5))
    mailbox.expectMessage()
    mailbox.post(1)
    #expect(mailbox.take(waiting: .seconds(60)) == [1])
  }

  @Test("a closed one hands back what nobody read and takes nothing more")
  func closing() {
    let mailbox = Mailbox<Int>()
    #expect(mailbox.post(1) && mailbox.waiting == [1])
    #expect(mailbox.close() == [1])
    #expect(!mailbox.post(2) && mailbox.close().isEmpty)
  }

  @Test("wakes the sleeper, and loses nothing among several senders")
  func threads() async {
    let mailbox = Mailbox<Int>()
    await withTaskGroup(of: Void.self) { group in
      for sender in 0..<4 {
        group.addTask {
          for message in 0..<250 {
            mailbox.post(sender * 1000 + message)
            if message % 50 == 0 { await Task.yield() }
          }
        }
      }
      var received: [Int] = []
      while received.count < 1000 {
        received += mailbox.take(waiting: .milliseconds(5))
        await Task.yield()
      }
      #expect(Set(received).count == 1000)
      for sender in 0..<4 {
        let own = received.filter { $0 / 1000 == sender }
        #expect(own == own.sorted(), "one sender's messages stay in order")
      }
    }
  }
}
