import DiffusionCore

/// Changes the state by an action, and returns the effects to carry out. Pure: no clock, no terminal, no model.
public func reduce(_ state: inout State, _ action: Action) -> [Effect] {
  state.follow(isAsked: action.isAsked) { $0.act(action) }
}

/// Changes the state by a command; see ``reduce(_:_:)``.
package func reduce(_ state: inout State, _ request: CommandRequest) -> [Effect] {
  state.follow { $0.perform(request) }
}

extension State {
  /// Changes the state, then updates what depends on it.
  fileprivate mutating func follow(isAsked: Bool = true, _ change: (inout State) -> [Effect]) -> [Effect] {
    let (settings, depth) = (settingEntry, settingHistory.depth)
    let effects =
      change(&self) + followSettings() + followSweep() + followDecoding() + followAttention() + followReceipt()
      + followDevices()
    followChange(from: settings, at: depth, isAsked: isAsked)
    closeEndedDownload()
    refreshComparisons()
    rehearseLesson()
    // A key that was kept counts as pressed now.
    guard let key = takeHeldKey() else { return effects }
    return effects + follow { $0.deliver(key) }
  }

  mutating func act(_ action: Action) -> [Effect] {
    if let effects = actInGallery(action) { return effects }
    switch action {
    case .key(let key): return press(key)
    case .mouse(let event): return point(event)
    case .paste(let text): return paste(text)
    case .resize(let size): self.size = size
    case .hangUp: return [.quit]
    case .playback(let action): return act(action)
    case .run(let action): return act(action)
    case .compare(let action): return act(action)
    case .gallery(.open): return openGallery()
    case .inspect(let action): return act(action)
    case .display(let action): return act(action)
    case .keep(let action): return act(action)
    case .program(let action): return act(action)
    case .lesson(let action): return act(action)
    case .runStarted(let run, let description): return runStarted(run, description)
    case .modelOpening(let run, let progress): note(progress, of: run)
    case .progress(let runs, let progress): note(progress, of: runs)
    case .stepCompleted(let run, let step): return stepCompleted(run, step)
    case .runFailed(let run, let message): return runFailed(run, message)
    case .seedDrawn(let seed): return seedDrawn(seed)
    case .devicesListed(let list): devices.take(list)
    case .galleryAdvanced(let advance): return galleryAdvanced(advance)
    case .sweepFound(let finding): sweepFound(finding)
    case .noisePreviewed(let description): showPreview(description)
    case .exportEnded(let number, let result): exportEnded(number, result)
    case .commandLine(let text, let isCopied): show(commandLine: text, isCopied: isCopied)
    case .decoded(let request, let image): decoded(request, image)
    case .decodingFailed(let request, let message): decodingFailed(request, message)
    case .attended(let request, let maps): attended(request, maps)
    case .attentionFailed(let request, let message): attentionFailed(request, message)
    case .tick: return tick()
    }
    return []
  }

  mutating func act(_ action: ProgramAction) -> [Effect] {
    switch action {
    case .toggleHelp: if isOpen(.help) { close(.help) } else { open(.help(scroll: 0)) }
    case .searchHelp: openSearch()
    case .redraw: return [.redraw]
    case .toggleLessons: return toggleLessons()
    case .openPalette: open(.palette(CommandPalette()))
    case .toggleMouse: return toggleMouse()
    case .dismiss: return dismiss()
    case .suspend: return [.suspend]
    case .quit: return quit()
    }
    return []
  }
}
